//! Image references: `[host[:port]/]path[:tag][@digest]`.
//!
//! The grammar is that of the distribution project's `reference` package and, for digests, of the
//! OCI image specification (descriptor.md). Nothing is normalised: `nginx` stays `nginx`, and what
//! was parsed prints as it was written. A task definition may hold what this grammar refuses; then
//! the raw text is all there is, and whoever shows images shows that.

use std::fmt;
use std::str::FromStr;

/// The longest path of a repository, in bytes (distribution's `RepositoryNameTotalLengthMax`).
const LONGEST_PATH: usize = 255;
/// The longest tag, in bytes (OCI distribution specification, "Pulling manifests").
const LONGEST_TAG: usize = 128;

/// Tags that by custom are moved to each new build: the default tag, names of branches, of release
/// channels and of stages. A tag like `1` or `22.04` may move too, but its name does not say so.
const MOVING_TAGS: &[&str] = &[
    "latest",
    "current",
    "main",
    "master",
    "trunk",
    "dev",
    "develop",
    "development",
    "edge",
    "nightly",
    "canary",
    "stable",
    "test",
    "qa",
    "stage",
    "staging",
    "live",
    "prod",
    "production",
];

/// What follows the region in the host of a private ECR registry (`ACCOUNT.dkr.ecr.REGION.…`), in
/// each partition (`dnsSuffix` in botocore's `partitions.json`).
const ECR_SUFFIXES: &[&str] = &[
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
];
/// The same for dual-stack endpoints (`ACCOUNT.dkr-ecr.REGION.…`; ECR user guide, "Making requests
/// over IPv6").
const ECR_DUAL_STACK_SUFFIXES: &[&str] = &["on.aws", "on.amazonwebservices.com.cn"];

/// An image reference that follows the grammar. It prints as it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageReference {
    registry: Option<String>,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// Why a text is no image reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// Nothing is before the tag or the digest, or nothing is there at all.
    #[error("the image has no repository")]
    NoRepository,
    /// The first part is a host by its looks, but not by the grammar.
    #[error("`{0}` is not a registry's host")]
    Host(String),
    /// A part of the path breaks the rules for names.
    #[error(
        "`{0}` cannot be part of a repository's name: lower case letters and digits, parted by `.`, `_`, `__` or dashes"
    )]
    Component(String),
    /// The path is too long.
    #[error("the repository's name has {0} characters, and {LONGEST_PATH} are allowed")]
    TooLong(usize),
    /// What follows the `:` is no tag.
    #[error(
        "`{0}` is not a tag: up to {LONGEST_TAG} letters, digits, `_`, `.` and `-`, and no `.` or `-` first"
    )]
    Tag(String),
    /// What follows the `@` is no digest.
    #[error("`{0}` is not a digest such as sha256:… with 64 hexadecimal digits")]
    Digest(String),
}

impl ImageReference {
    /// Reads a reference.
    ///
    /// The first component is the registry's host when it has a `.`, a `:` or an upper case letter,
    /// or is `localhost`: what Docker does. A component that only looks like one (`foo_bar.com`) but
    /// is a fine component of a path belongs to the path, as in distribution.
    pub fn parse(text: &str) -> Result<Self, ImageError> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(Digest::parse(digest)?)),
            None => (text, None),
        };
        // A `:` before the last `/` is a port's.
        let last = name.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match name[last..].split_once(':') {
            Some((component, tag)) => (&name[..last + component.len()], Some(tag)),
            None => (name, None),
        };
        if let Some(tag) = tag.filter(|tag| !is_tag(tag)) {
            return Err(ImageError::Tag(tag.to_owned()));
        }
        let (registry, repository) = split_host(name)?;
        if repository.is_empty() {
            return Err(ImageError::NoRepository);
        }
        if let Some(wrong) = repository.split('/').find(|component| !is_component(component)) {
            return Err(ImageError::Component(wrong.to_owned()));
        }
        if repository.len() > LONGEST_PATH {
            return Err(ImageError::TooLong(repository.len()));
        }
        Ok(Self {
            registry: registry.map(str::to_owned),
            repository: repository.to_owned(),
            tag: tag.map(str::to_owned),
            digest,
        })
    }

    /// The registry's host, with its port where there is one; none for Docker Hub's short names.
    pub fn registry(&self) -> Option<&str> {
        self.registry.as_deref()
    }

    /// The path in the registry: `team/api`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag as it was written; none is `latest`, unless there is a digest.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest as it was written.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// Whether the same reference may be another image tomorrow: it has no digest, and its tag is
    /// one that moves.
    pub fn is_mutable(&self) -> bool {
        self.digest.is_none() && is_moving_tag(self.tag())
    }

    /// The repository of a private ECR registry that this names. `public.ecr.aws` is none: its API
    /// is another.
    pub fn ecr(&self) -> Option<EcrRepository> {
        let host = self.registry()?;
        let host = host.strip_suffix(":443").unwrap_or(host);
        let (account, rest) = host.split_once('.')?;
        if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let suffixed = |prefixes: [&str; 2], suffixes: &[&'static str]| {
            let place = prefixes.iter().find_map(|prefix| rest.strip_prefix(prefix))?;
            let (region, suffix) = place.split_once('.')?;
            let known = suffixes.contains(&suffix) && is_region(region);
            known.then_some((region, suffix))
        };
        let (region, dns_suffix) = suffixed(["dkr.ecr.", "dkr.ecr-fips."], ECR_SUFFIXES)
            .or_else(|| suffixed(["dkr-ecr.", "dkr-ecr-fips."], ECR_DUAL_STACK_SUFFIXES))?;
        Some(EcrRepository {
            account: account.to_owned(),
            region: region.to_owned(),
            dns_suffix: dns_suffix.to_owned(),
            repository: self.repository.clone(),
        })
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(registry) = &self.registry {
            write!(out, "{registry}/")?;
        }
        out.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(out, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(out, "@{digest}"),
            None => Ok(()),
        }
    }
}

impl FromStr for ImageReference {
    type Err = ImageError;

    fn from_str(text: &str) -> Result<Self, ImageError> {
        Self::parse(text)
    }
}

/// Whether a tag is one that by custom moves from build to build: `latest` (which no tag at all
/// means too), names of branches, of release channels and of stages, in whatever case.
pub fn is_moving_tag(tag: Option<&str>) -> bool {
    tag.is_none_or(|tag| MOVING_TAGS.iter().any(|moving| tag.eq_ignore_ascii_case(moving)))
}

/// A repository of a private ECR registry, as an image's host names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EcrRepository {
    /// The registry's id: the twelve digits of the account that owns it.
    pub account: String,
    /// The registry's region.
    pub region: String,
    /// What the host ends with: `amazonaws.com`, `amazonaws.com.cn`, `on.aws`, …
    pub dns_suffix: String,
    /// The repository's name in the registry: `team/api`.
    pub repository: String,
}

/// A digest: `algorithm:encoded`.
///
/// `sha256` and `sha512` have exactly 64 and 128 lower case hexadecimal digits. Other algorithms
/// pass when they follow the grammar, as the OCI image specification asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    text: String,
    /// Where the `:` is.
    colon: usize,
}

impl Digest {
    /// Reads a digest.
    pub fn parse(text: &str) -> Result<Self, ImageError> {
        let wrong = || ImageError::Digest(text.to_owned());
        let (algorithm, encoded) = text.split_once(':').ok_or_else(wrong)?;
        let right = match algorithm {
            "sha256" => is_lower_hex(encoded, 64),
            "sha512" => is_lower_hex(encoded, 128),
            _ => is_algorithm(algorithm) && is_encoded(encoded),
        };
        if !right {
            return Err(wrong());
        }
        Ok(Self { text: text.to_owned(), colon: algorithm.len() })
    }

    /// `sha256`.
    pub fn algorithm(&self) -> &str {
        &self.text[..self.colon]
    }

    /// What follows the `:`.
    pub fn encoded(&self) -> &str {
        &self.text[self.colon + 1..]
    }

    /// The first twelve characters of the encoded part, as `docker images` shows them.
    pub fn short(&self) -> &str {
        let encoded = self.encoded();
        encoded.get(..12).unwrap_or(encoded)
    }

    /// The whole, as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl FromStr for Digest {
    type Err = ImageError;

    fn from_str(text: &str) -> Result<Self, ImageError> {
        Self::parse(text)
    }
}

/// A name's host, if it has one, and its path.
fn split_host(name: &str) -> Result<(Option<&str>, &str), ImageError> {
    let Some((first, rest)) = name.split_once('/') else { return Ok((None, name)) };
    let like_a_host = first == "localhost"
        || first.contains(['.', ':', '['])
        || first.bytes().any(|b| b.is_ascii_uppercase());
    if !like_a_host {
        return Ok((None, name));
    }
    if is_host(first) {
        return Ok((Some(first), rest));
    }
    match is_component(first) {
        true => Ok((None, name)),
        false => Err(ImageError::Host(first.to_owned())),
    }
}

/// `domain-name | IPv4address | [IPv6address]`, and `:port`.
fn is_host(text: &str) -> bool {
    let (host, after) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            // No zones and no embedded IPv4 addresses: distribution leaves both out.
            Some((address, after)) if is_ipv6_like(address) => (None, after),
            _ => return false,
        },
        None => {
            let colon = text.find(':').unwrap_or(text.len());
            (Some(&text[..colon]), &text[colon..])
        }
    };
    let right_host = host.is_none_or(|host| host.split('.').all(is_label));
    let right_port = after.is_empty()
        || after
            .strip_prefix(':')
            .is_some_and(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
    right_host && right_port
}

fn is_ipv6_like(address: &str) -> bool {
    !address.is_empty() && address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':')
}

/// A label of a domain's name.
fn is_label(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// A component of a path: lower case letters and digits in runs, between them one `.`, one or two
/// `_`, or any number of dashes.
fn is_component(component: &str) -> bool {
    let is_alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let mut bytes = component.as_bytes();
    loop {
        let run = bytes.iter().take_while(|b| is_alphanumeric(b)).count();
        if run == 0 {
            return false;
        }
        bytes = &bytes[run..];
        if bytes.is_empty() {
            return true;
        }
        let separator = bytes.iter().take_while(|b| !is_alphanumeric(b)).count();
        let right = match &bytes[..separator] {
            b"." | b"_" | b"__" => true,
            dashes => dashes.iter().all(|b| *b == b'-'),
        };
        if !right {
            return false;
        }
        bytes = &bytes[separator..];
    }
}

fn is_tag(tag: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    tag.len() <= LONGEST_TAG
        && tag.bytes().next().is_some_and(is_word)
        && tag.bytes().all(|b| is_word(b) || b == b'.' || b == b'-')
}

/// OCI: components of lower case letters and digits, parted by one of `+._-`.
fn is_algorithm(algorithm: &str) -> bool {
    algorithm.split(['+', '.', '_', '-']).all(|component| {
        !component.is_empty()
            && component.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

fn is_encoded(encoded: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'=' | b'_' | b'-');
    !encoded.is_empty() && encoded.bytes().all(allowed)
}

fn is_lower_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// `eu-west-1`: enough to tell a region from another label of a host.
fn is_region(text: &str) -> bool {
    text.contains('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sha256() -> String {
        format!("sha256:{}", "5a".repeat(32))
    }

    fn sha512() -> String {
        format!("sha512:{}", "c7".repeat(64))
    }

    fn parts(text: &str) -> (Option<String>, String, Option<String>, Option<String>) {
        let image = ImageReference::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert_eq!(image.to_string(), text);
        (
            image.registry().map(str::to_owned),
            image.repository().to_owned(),
            image.tag().map(str::to_owned),
            image.digest().map(|digest| digest.as_str().to_owned()),
        )
    }

    #[track_caller]
    fn is(text: &str, registry: &str, repository: &str, tag: &str, digest: &str) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let expected = (some(registry), repository.to_owned(), some(tag), some(digest));
        assert_eq!(parts(text), expected, "{text}");
    }

    fn wrong(text: &str) -> ImageError {
        match ImageReference::parse(text) {
            Err(why) => why,
            Ok(image) => panic!("{text} was read as {image:?}"),
        }
    }

    #[test]
    fn names_without_a_host_are_paths() {
        is("nginx", "", "nginx", "", "");
        is("order_api", "", "order_api", "", "");
        is("library/nginx", "", "library/nginx", "", "");
        is("team_a/api", "", "team_a/api", "", "");
        is("team/sub/api", "", "team/sub/api", "", "");
        is("a/b.c_d__e---f/0", "", "a/b.c_d__e---f/0", "", "");
    }

    #[test]
    fn a_colon_after_the_last_slash_is_the_tags_and_before_it_the_ports() {
        is("registry.example:5000", "", "registry.example", "5000", "");
        is("registry:5000/api", "registry:5000", "api", "", "");
        is("registry:5000/api:5001", "registry:5000", "api", "5001", "");
        is("10.0.0.7:5000", "", "10.0.0.7", "5000", "");
        is("10.0.0.7:5000/api", "10.0.0.7:5000", "api", "", "");
        is("10.0.0.7/api", "10.0.0.7", "api", "", "");
        is("10.0.0.7:v1", "", "10.0.0.7", "v1", "");
        is("team/not_a.host:8080", "", "team/not_a.host", "8080", "");
    }

    #[test]
    fn the_first_component_is_a_host_by_a_dot_a_colon_upper_case_or_the_name_localhost() {
        is("ghcr.io/org/app:1.2.3", "ghcr.io", "org/app", "1.2.3", "");
        is("localhost/app", "localhost", "app", "", "");
        is("localhost:5000/app", "localhost:5000", "app", "", "");
        is("Registry/app", "Registry", "app", "", "");
        is("a-b.example.com/x/y/z:t", "a-b.example.com", "x/y/z", "t", "");
        is("xn--bcher-kva.example/app:x.y", "xn--bcher-kva.example", "app", "x.y", "");
        is("localhost", "", "localhost", "", "");
        // An underscore is nothing for a host: it is a path, as in distribution.
        is("foo_bar.example/app", "", "foo_bar.example/app", "", "");
    }

    #[test]
    fn a_digest_stands_alone_or_after_a_tag() {
        let (d, long) = (sha256(), sha512());
        is(&format!("nginx@{d}"), "", "nginx", "", &d);
        is(&format!("nginx:1.27@{d}"), "", "nginx", "1.27", &d);
        is(&format!("reg:5000/a/b@{d}"), "reg:5000", "a/b", "", &d);
        is(&format!("reg:5000/a/b:t@{d}"), "reg:5000", "a/b", "t", &d);
        is(&format!("quay.io/a:t.u-v_w@{long}"), "quay.io", "a", "t.u-v_w", &long);
    }

    #[test]
    fn ipv6_hosts_are_in_brackets() {
        let d = sha256();
        is("[::1]:5000/api", "[::1]:5000", "api", "", "");
        is("[2001:db8::7]/api:t", "[2001:db8::7]", "api", "t", "");
        is("[2001:DB8:1:2:3:4:5:6]/api", "[2001:DB8:1:2:3:4:5:6]", "api", "", "");
        is(&format!("[2001:db8::]:80/api:t@{d}"), "[2001:db8::]:80", "api", "t", &d);
        // Without a path there is no host, and brackets are nothing for a path.
        for text in ["[::1]", "[::1]:5000", "[::1]:tag"] {
            wrong(text);
        }
        for text in
            ["[fe80::1%eth0]:5000/api", "[]/api", "[::1/api", "[::1]x/api", "[::ffff:1.2.3.4]/a"]
        {
            assert!(matches!(wrong(text), ImageError::Host(_)), "{text}");
        }
    }

    #[test]
    fn tags_are_words_of_up_to_128_characters() {
        is("api:Upper_Case-1.2", "", "api", "Upper_Case-1.2", "");
        is("api:_x", "", "api", "_x", "");
        let long = "t".repeat(128);
        is(&format!("api:{long}"), "", "api", &long, "");
        for tag in ["", ".x", "-x", "a b", "a:b", "a+b", "é", &"t".repeat(129)] {
            assert_eq!(wrong(&format!("api:{tag}")), ImageError::Tag(tag.to_owned()));
        }
    }

    #[test]
    fn paths_are_lower_case_and_have_up_to_255_characters() {
        let longest = format!("{}a", "a/".repeat(127));
        is(
            &format!("{longest}:a-tag-makes-it-no-longer"),
            "",
            &longest,
            "a-tag-makes-it-no-longer",
            "",
        );
        is(&format!("ghcr.io/{longest}"), "ghcr.io", &longest, "", "");
        assert_eq!(wrong(&format!("{}a:t", "a/".repeat(128))), ImageError::TooLong(257));
        for component in
            ["Api", "", "a..b", "a___b", "a._b", "-a", "a-", "_a", "a_", ".a", "a$", "ä", "a b"]
        {
            let image = format!("ghcr.io/team/{component}/x");
            assert_eq!(wrong(&image), ImageError::Component(component.to_owned()));
        }
        assert_eq!(wrong("Api"), ImageError::Component("Api".to_owned()));
        assert_eq!(wrong("Api:tag"), ImageError::Component("Api".to_owned()));
    }

    #[test]
    fn what_is_missing_or_malformed_is_named() {
        let d = sha256();
        assert_eq!(wrong(""), ImageError::NoRepository);
        assert_eq!(wrong(":tag"), ImageError::NoRepository);
        assert_eq!(wrong(&format!("@{d}")), ImageError::NoRepository);
        assert_eq!(wrong("ghcr.io/"), ImageError::NoRepository);
        assert_eq!(wrong("ghcr.io/:tag"), ImageError::NoRepository);
        assert_eq!(wrong("/api"), ImageError::Component(String::new()));
        assert_eq!(wrong("host:/api"), ImageError::Host("host:".to_owned()));
        assert_eq!(wrong("host:port/api"), ImageError::Host("host:port".to_owned()));
        assert_eq!(wrong("https://ghcr.io/api"), ImageError::Host("https:".to_owned()));
        assert!(matches!(wrong(" nginx"), ImageError::Component(_)));
        assert!(matches!(wrong("nginx\n"), ImageError::Component(_)));
        for digest in
            ["", "sha256", "sha256:", "sha256:5a5a", &d.to_uppercase(), &format!("{d}@{d}")]
        {
            assert_eq!(wrong(&format!("api@{digest}")), ImageError::Digest(digest.to_owned()));
        }
        assert_eq!(
            wrong("api:1 2").to_string(),
            "`1 2` is not a tag: up to 128 letters, digits, `_`, `.` and `-`, and no `.` or `-` first"
        );
    }

    #[test]
    fn digests_follow_the_grammar_of_oci() {
        let hex = |algorithm: &str, digits: usize| format!("{algorithm}:{}", "0".repeat(digits));
        for right in [
            hex("sha256", 64),
            hex("sha512", 128),
            hex("blake3", 64),
            "sha256+b64u:LCa0a2j_xo-5m0U8=".to_owned(),
            "multihash+base58:QmRZxt2b1FVZ".to_owned(),
            "a.b_c-d+e9:x".to_owned(),
        ] {
            let digest = Digest::parse(&right).unwrap();
            assert_eq!(digest.to_string(), right);
            assert_eq!(format!("{}:{}", digest.algorithm(), digest.encoded()), right);
        }
        for wrong in [
            hex("sha256", 63),
            hex("sha256", 65),
            hex("sha512", 64),
            format!("sha256:{}", "A".repeat(64)),
            format!("SHA256:{}", "a".repeat(64)),
            "a++b:x".to_owned(),
            "+a:x".to_owned(),
            "a:".to_owned(),
            ":x".to_owned(),
            "a:x:y".to_owned(),
            "a:x/y".to_owned(),
        ] {
            assert_eq!(Digest::parse(&wrong), Err(ImageError::Digest(wrong)));
        }
    }

    #[test]
    fn a_short_digest_is_its_first_twelve_characters() {
        assert_eq!(Digest::parse(&sha256()).unwrap().short(), "5a5a5a5a5a5a");
        assert_eq!(Digest::parse("a:xyz").unwrap().short(), "xyz");
    }

    #[test]
    fn what_moves_is_latest_no_tag_and_the_names_of_branches_and_stages() {
        let mutable = |text: &str| ImageReference::parse(text).unwrap().is_mutable();
        for text in ["api", "api:latest", "api:main", "api:PROD", "ghcr.io/a/b:nightly"] {
            assert!(mutable(text), "{text}");
        }
        for text in ["api:1", "api:v2.3", "api:9f3c2d1", "api:latest-7", "api:main-9f3c2d1"] {
            assert!(!mutable(text), "{text}");
        }
        assert!(!mutable(&format!("api@{}", sha256())));
        assert!(!mutable(&format!("api:latest@{}", sha256())));
    }

    #[test]
    fn the_host_of_a_private_ecr_registry_says_account_and_region() {
        let ecr = |host: &str| ImageReference::parse(&format!("{host}/team/api:7")).unwrap().ecr();
        for (host, region, dns_suffix) in [
            ("123456789012.dkr.ecr.us-east-1.amazonaws.com", "us-east-1", "amazonaws.com"),
            ("123456789012.dkr.ecr.us-east-1.amazonaws.com:443", "us-east-1", "amazonaws.com"),
            (
                "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
                "us-gov-west-1",
                "amazonaws.com",
            ),
            ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1", "amazonaws.com.cn"),
            ("123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1", "amazonaws.eu"),
            ("123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov", "us-iso-east-1", "c2s.ic.gov"),
            ("123456789012.dkr-ecr.eu-west-1.on.aws", "eu-west-1", "on.aws"),
            ("123456789012.dkr-ecr-fips.us-east-2.on.aws", "us-east-2", "on.aws"),
            (
                "123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn",
                "cn-north-1",
                "on.amazonwebservices.com.cn",
            ),
        ] {
            let expected = EcrRepository {
                account: "123456789012".to_owned(),
                region: region.to_owned(),
                dns_suffix: dns_suffix.to_owned(),
                repository: "team/api".to_owned(),
            };
            assert_eq!(ecr(host), Some(expected), "{host}");
        }
        for host in [
            "public.ecr.aws",
            "docker.io",
            "12345678901.dkr.ecr.us-east-1.amazonaws.com",
            "12345678901x.dkr.ecr.us-east-1.amazonaws.com",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com.example.org",
            "123456789012.dkr.ecr.us-east-1.on.aws",
            "123456789012.dkr-ecr.us-east-1.amazonaws.com",
            "123456789012.dkr.ecr.amazonaws.com",
            "123456789012.s3.us-east-1.amazonaws.com",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com:5000",
        ] {
            assert_eq!(ecr(host), None, "{host}");
        }
        assert_eq!(ImageReference::parse("nginx").unwrap().ecr(), None);
    }

    prop_compose! {
        fn any_digest()(digest in prop_oneof![
            "[0-9a-f]{64}".prop_map(|hex| format!("sha256:{hex}")),
            "[0-9a-f]{128}".prop_map(|hex| format!("sha512:{hex}")),
            "x[a-z0-9]{1,4}([+._-][a-z0-9]{1,4}){0,2}:[a-zA-Z0-9=_-]{1,40}",
        ]) -> String {
            digest
        }
    }

    fn any_host() -> impl Strategy<Value = String> {
        let host = prop_oneof![
            Just("localhost".to_owned()),
            "[a-z0-9]{1,5}(-{1,2}[a-z0-9]{1,3})?(\\.[a-zA-Z0-9]{1,5}){1,3}",
            "[A-Z][a-z0-9]{0,4}",
            "\\[[0-9a-f:]{2,12}\\]",
        ];
        let port = prop::option::of("[0-9]{1,5}");
        (host, port).prop_map(|(host, port)| match port {
            Some(port) => format!("{host}:{port}"),
            None => host,
        })
    }

    /// Paths whose first component is not taken for a host.
    fn any_path() -> impl Strategy<Value = String> {
        "(x[a-z0-9]{1,4}((_|__|-{1,3})[a-z0-9]{1,3}){0,2}/)?[a-z0-9]{1,4}([._]|__|-{1,3})[a-z0-9]{1,4}"
    }

    proptest! {
        #[test]
        fn a_reference_parses_to_the_parts_it_was_made_of(
            host in prop::option::of(any_host()),
            path in any_path(),
            tag in prop::option::of("[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}"),
            digest in prop::option::of(any_digest()),
        ) {
            let mut text = String::new();
            if let Some(host) = &host {
                text.push_str(&format!("{host}/"));
            }
            text.push_str(&path);
            if let Some(tag) = &tag {
                text.push_str(&format!(":{tag}"));
            }
            if let Some(digest) = &digest {
                text.push_str(&format!("@{digest}"));
            }
            prop_assert_eq!(parts(&text), (host, path, tag, digest));
        }

        #[test]
        fn any_text_prints_back_or_is_refused_with_a_sentence(text in ".{0,300}") {
            match ImageReference::parse(&text) {
                Ok(image) => prop_assert_eq!(image.to_string(), text),
                Err(why) => prop_assert!(!why.to_string().is_empty()),
            }
        }

        #[test]
        fn text_of_the_grammars_own_characters_prints_back_or_is_refused(
            text in "[a-cA-F0-9.:/@_\\[\\]-]{0,40}"
        ) {
            if let Ok(image) = ImageReference::parse(&text) {
                prop_assert_eq!(image.to_string(), text);
                // Asking for more never panics either.
                let _ = (image.ecr(), image.is_mutable(), image.digest().map(Digest::short));
            }
        }
    }
}
