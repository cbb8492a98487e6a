//! From what was asked for (profile, region, environment) to one SDK configuration.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_runtime::env_config::section::EnvConfigSections;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector, proxy::ProxyConfig};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::region::Region;
use aws_types::sdk_ua_metadata::FrameworkMetadata;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::credentials::Remembered;
use crate::error::{Cause, Error};
use crate::mfa::{self, AssumedRole, MfaPrompt};
use crate::{Budget, guard, regions};

/// How long the SDK may take to connect: its own default, said here because it is documented.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(3_100);

/// Looks a variable of the environment up. Injected, so that a drill and a test have their own.
#[derive(Clone)]
pub struct Environment(Arc<LookUp>);

type LookUp = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Environment {
    /// An environment that asks `look_up`.
    pub fn new(look_up: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(look_up))
    }

    /// The variable's value, if it is set and not empty.
    pub fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment") // Never its values: there are secrets among them.
    }
}

/// What a user asks of the door.
#[derive(Clone, Debug)]
pub struct Options {
    /// `--profile`: wins over keys in the environment, as with the AWS CLI.
    pub profile: Option<String>,
    /// `--region`: win over environment and profile. Several are all read.
    pub regions: Vec<String>,
    /// The profile where neither flag nor environment (`AWS_PROFILE`, keys) say one.
    pub usual_profile: Option<String>,
    /// The region where neither flag, environment nor profile say one.
    pub usual_region: Option<String>,
    /// The part of the published quotas that we may use.
    pub budget: Budget,
    /// How long to wait for the first byte of an answer, an attempt.
    pub timeout: Duration,
    /// The process environment.
    pub environment: Environment,
    /// How to ask for a code.
    pub mfa: MfaPrompt,
    /// Random numbers in `[0, 1)`, for the jitter of retries.
    pub random: fn() -> f64,
    /// oncall's own version, for the user agent.
    pub version: &'static str,
}

impl Options {
    /// Whether keys in the environment are the credentials, as with the AWS CLI.
    fn keys_win(&self) -> bool {
        self.profile.is_none() && self.environment.get("AWS_ACCESS_KEY_ID").is_some()
    }
}

/// The configuration that a door stands on.
#[derive(Debug)]
pub(crate) struct Configuration {
    pub(crate) sdk: SdkConfig,
    /// Whose the credentials are; `None` where keys in the environment are.
    pub(crate) profile: Option<String>,
    /// Those that are read, as they were asked for: one of several may be none.
    pub(crate) regions: Vec<String>,
    /// The first of them that can be one.
    pub(crate) region: String,
    /// The credentials, where they may change: a drill's do not.
    pub(crate) credentials: Option<Remembered>,
}

/// Reads profiles and environment, and builds the one configuration.
pub(crate) async fn load(options: &Options) -> Result<Configuration, Error> {
    let selected = selected_profile(options);
    let profiles = profiles(selected.clone()).await?;
    if let Some(name) = &selected {
        require_profile(&profiles, name)?;
    }
    let mut regions = regions(options, &profiles);
    let region = regions.iter().find(|region| regions::is_well_formed(region)).cloned();
    if let (None, Some(first)) = (&region, regions.first()) {
        return Err(Error::setup(Cause::unknown_region(first)));
    }
    refuse_tokens_at_a_generic_endpoint(&profiles, options)?;

    let http = https_client(&profiles, &options.environment)?;
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .framework_metadata(user_agent(options.version)?)
        .timeout_config(timeouts(options.timeout));
    // Without one, the SDK asks the instance that we may be on.
    if let Some(region) = region {
        loader = loader.region(Region::new(region));
    }
    if let Some(name) = selected.clone() {
        loader = loader.profile_name(name);
    }
    let loaded = loader.load().await;
    let region = match loaded.region() {
        Some(region) if regions::is_well_formed(region.as_ref()) => region.to_string(),
        Some(region) => return Err(Error::setup(Cause::unknown_region(region.as_ref()))),
        None => return Err(Error::setup(Cause::NoRegion)),
    };
    if regions.is_empty() {
        regions.push(region.clone());
    }
    let mut sdk = loaded.to_builder();
    // Retries are `call`'s own, so that it sees every throttle. The providers of credentials were
    // built by the loader and keep the SDK's retries.
    sdk.set_retry_config(Some(RetryConfig::disabled()));
    let credentials = own_credentials(options, &profiles, &loaded, &http)
        .or_else(|| loaded.credentials_provider());
    let clock = loaded.time_source().unwrap_or_default();
    let credentials = credentials.map(|provider| Remembered::new(provider, clock));
    if let Some(remembered) = &credentials {
        sdk.set_credentials_provider(Some(SharedCredentialsProvider::new(remembered.clone())));
        // They are remembered there already. A client's own memory would outlast a new login.
        sdk.set_identity_cache(Some(IdentityCache::no_cache()));
    }
    let profile = selected.filter(|_| !options.keys_win());
    Ok(Configuration { sdk: sdk.build(), profile, regions, region, credentials })
}

/// The configuration of a drill: static keys, a loopback endpoint, no profile, no proxy, no TLS.
pub(crate) fn drill(
    endpoint: &str,
    regions: Vec<String>,
    options: &Options,
) -> Result<Configuration, Error> {
    let region = regions.iter().find(|region| regions::is_well_formed(region)).cloned();
    let region = region.ok_or_else(|| match regions.first() {
        Some(first) => Error::setup(Cause::unknown_region(first)),
        None => Error::setup(Cause::NoRegion),
    })?;
    let keys = Credentials::builder()
        .access_key_id("DRILL")
        .secret_access_key("drill")
        .account_id("000000000000")
        .provider_name("drill")
        .build();
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new(region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .http_client(guard::guarded(Builder::new().build_http()))
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts(options.timeout))
        .framework_metadata(user_agent(options.version)?)
        .build();
    Ok(Configuration { sdk, profile: None, regions, region, credentials: None })
}

/// Flag, then environment, then configuration: there, keys say whose account it is as much as a
/// profile does.
fn selected_profile(options: &Options) -> Option<String> {
    let environment = &options.environment;
    let usual = || match environment.get("AWS_ACCESS_KEY_ID") {
        Some(_) => None,
        None => options.usual_profile.clone(),
    };
    options.profile.clone().or_else(|| environment.get("AWS_PROFILE")).or_else(usual)
}

/// Flags, then environment, then profile, then configuration.
fn regions(options: &Options, profiles: &EnvConfigSections) -> Vec<String> {
    if !options.regions.is_empty() {
        return options.regions.clone();
    }
    let environment = &options.environment;
    let region = environment
        .get("AWS_REGION")
        .or_else(|| environment.get("AWS_DEFAULT_REGION"))
        .or_else(|| profiles.get("region").map(str::to_owned))
        .or_else(|| options.usual_region.clone());
    region.into_iter().collect()
}

async fn profiles(selected: Option<String>) -> Result<EnvConfigSections, Error> {
    aws_config::profile::load(
        &Fs::real(),
        &Env::real(),
        &EnvConfigFiles::default(),
        selected.map(Into::into),
    )
    .await
    .map_err(|error| Error::setup(Cause::BrokenProfiles(crate::error::chain_text(&error))))
}

/// With keys in the environment the SDK would ignore an unknown profile silently.
fn require_profile(profiles: &EnvConfigSections, name: &str) -> Result<(), Error> {
    if profiles.get_profile(name).is_some() {
        return Ok(());
    }
    let nearest = spelling::nearest(name, profiles.profiles()).map(str::to_owned);
    Err(Error::setup(Cause::UnknownProfile { name: name.to_owned(), nearest }))
}

/// A generic endpoint catches every service's calls, those that carry SSO and STS tokens included.
///
/// Keys in the environment win over a profile that was not asked for by flag: then no token is in
/// play.
fn refuse_tokens_at_a_generic_endpoint(
    profiles: &EnvConfigSections,
    options: &Options,
) -> Result<(), Error> {
    let environment = &options.environment;
    if options.keys_win() {
        return Ok(());
    }
    let profile = profiles.get_profile(profiles.selected_profile());
    let in_profile = |key: &str| profile.and_then(|profile| profile.get(key)).is_some();
    let ignored = environment
        .get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let generic = environment.get("AWS_ENDPOINT_URL").is_some() || in_profile("endpoint_url");
    if ignored || !generic {
        return Ok(());
    }
    let token =
        ["sso_session", "sso_start_url", "role_arn", "web_identity_token_file", "login_session"]
            .into_iter()
            .find(|key| in_profile(key))
            .or_else(|| {
                environment
                    .get("AWS_WEB_IDENTITY_TOKEN_FILE")
                    .map(|_| "AWS_WEB_IDENTITY_TOKEN_FILE")
            });
    match token {
        Some(setting) => Err(Error::setup(Cause::TokensAtGenericEndpoint { setting })),
        None => Ok(()),
    }
}

/// Credentials that the SDK's default chain would not find as the AWS CLI does: a role that wants a
/// code, and a profile that was asked for by flag while the environment has keys.
fn own_credentials(
    options: &Options,
    profiles: &EnvConfigSections,
    loaded: &SdkConfig,
    http: &SharedHttpClient,
) -> Option<SharedCredentialsProvider> {
    if options.keys_win() {
        return None;
    }
    let of_profile = |name: &str| {
        let provider_config = ProviderConfig::without_region()
            .with_region(loaded.region().cloned())
            .with_http_client(http.clone());
        let provider = ProfileFileCredentialsProvider::builder()
            .configure(&provider_config)
            .profile_name(name.to_owned())
            .build();
        SharedCredentialsProvider::new(provider)
    };
    let Some((roles, base)) = mfa::chain(profiles, profiles.selected_profile()) else {
        return options.profile.as_deref().map(of_profile);
    };
    let mut source = static_keys(profiles, &base).unwrap_or_else(|| of_profile(&base));
    for role in roles.into_iter().rev() {
        source = SharedCredentialsProvider::new(AssumedRole {
            role,
            source,
            sdk_config: loaded.clone(),
            prompt: options.mfa.clone(),
        });
    }
    Some(source)
}

/// The keys that stand in a profile itself: the base of a role whose `source_profile` is itself.
fn static_keys(profiles: &EnvConfigSections, name: &str) -> Option<SharedCredentialsProvider> {
    let profile = profiles.get_profile(name)?;
    let keys = Credentials::builder()
        .access_key_id(profile.get("aws_access_key_id")?)
        .secret_access_key(profile.get("aws_secret_access_key")?)
        .provider_name("oncall-profile");
    let keys = match profile.get("aws_session_token") {
        Some(token) => keys.session_token(token),
        None => keys,
    };
    Some(SharedCredentialsProvider::new(keys.build()))
}

/// The client for the real AWS: ring, the platform's roots or `AWS_CA_BUNDLE`, proxies from the
/// environment.
fn https_client(
    profiles: &EnvConfigSections,
    environment: &Environment,
) -> Result<SharedHttpClient, Error> {
    let bundle =
        environment.get("AWS_CA_BUNDLE").or_else(|| profiles.get("ca_bundle").map(str::to_owned));
    let trust = match bundle {
        None => TrustStore::default(),
        Some(path) => {
            let unusable =
                |problem: String| Error::setup(Cause::CaBundle { path: path.clone(), problem });
            let pem = std::fs::read(&path).map_err(|error| unusable(error.to_string()))?;
            check_certificates(&pem).map_err(unusable)?;
            TrustStore::empty().with_pem_certificate(pem)
        }
    };
    let tls = TlsContext::builder().with_trust_store(trust).build().map_err(|error| {
        Error::setup(Cause::CaBundle {
            path: "AWS_CA_BUNDLE".to_owned(),
            problem: crate::error::chain_text(&error),
        })
    })?;
    let client = Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls.clone())
            .proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.build()
    });
    Ok(guard::guarded(client))
}

/// The HTTP client takes a bundle at its word, and panics at a bad one.
fn check_certificates(pem: &[u8]) -> Result<(), String> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    match roots.is_empty() {
        true => Err("it holds no certificate".to_owned()),
        false => Ok(()),
    }
}

fn timeouts(first_byte: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT.min(first_byte))
        .read_timeout(first_byte)
        // A whole page may take longer on a slow line; the SDK's stalled-stream protection ends one
        // that stands still.
        .operation_attempt_timeout(first_byte * 4)
        .build()
}

/// `lib/oncall/0.1.0` in the user agent, so that an account's owner can see who asked.
fn user_agent(version: &'static str) -> Result<FrameworkMetadata, Error> {
    FrameworkMetadata::new("oncall", Some(Cow::Borrowed(version)))
        .map_err(|error| Error::setup(Cause::Configuration(error.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_runtime::env_config::file::EnvConfigFileKind;

    async fn profiles_of(config: &str, selected: &str) -> EnvConfigSections {
        let files =
            EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, config).build();
        let (fs, env) = (Fs::from_slice(&[]), Env::from_slice(&[]));
        aws_config::profile::load(&fs, &env, &files, Some(selected.to_owned().into()))
            .await
            .unwrap()
    }

    fn environment(variables: &'static [(&'static str, &'static str)]) -> Environment {
        Environment::new(move |name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[tokio::test]
    async fn an_unknown_profile_is_an_error_that_names_the_nearest() {
        let profiles = profiles_of("[profile production]\nregion = eu-west-1\n", "default").await;
        let error = require_profile(&profiles, "prodution").unwrap_err();
        assert_eq!(error.to_string(), "the profile `prodution` does not exist");
        assert_eq!(error.hint().as_deref(), Some("did you mean `--profile production`?"));
    }

    #[tokio::test]
    async fn tokens_are_not_sent_to_a_generic_endpoint() {
        let sso = "[profile p]\nsso_session = s\n[sso-session s]\nsso_region = eu-west-1\n";
        let generic = environment(&[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")]);
        let refused = |profiles: &EnvConfigSections, environment: &Environment| {
            refuse_tokens_at_a_generic_endpoint(profiles, &options(environment.clone())).is_err()
        };
        let keys = environment(&[("AWS_ENDPOINT_URL", "http://x"), ("AWS_ACCESS_KEY_ID", "k")]);
        assert!(!refused(&profiles_of(sso, "p").await, &keys));
        assert!(refused(&profiles_of(sso, "p").await, &generic));
        assert!(!refused(&profiles_of(sso, "default").await, &generic));
        assert!(!refused(&profiles_of(sso, "p").await, &environment(&[])));

        let in_profile = "[profile p]\nrole_arn = r\nsource_profile = q\nendpoint_url = http://x\n";
        assert!(refused(&profiles_of(in_profile, "p").await, &environment(&[])));
    }

    fn options(environment: Environment) -> Options {
        Options {
            profile: None,
            regions: Vec::new(),
            usual_profile: Some("usual".into()),
            usual_region: Some("eu-south-1".into()),
            budget: Budget::Usual,
            timeout: Duration::from_secs(1),
            environment,
            mfa: MfaPrompt::new(|serial| Err(crate::mfa::NoCode { serial: serial.to_owned() })),
            random: || 0.5,
            version: "0",
        }
    }

    #[test]
    fn a_bundle_without_a_certificate_is_no_bundle() {
        assert!(check_certificates(b"").is_err());
        assert!(check_certificates(b"garbage").is_err());
        let bad = b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
        assert!(check_certificates(bad).is_err());
        let no_der = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(check_certificates(no_der).is_err());
    }

    #[tokio::test]
    async fn configuration_gives_way_to_profile_environment_and_flag() {
        let profiles = profiles_of("[default]\nregion = eu-west-1\n", "default").await;
        let nothing = options(environment(&[]));
        assert_eq!(selected_profile(&nothing).as_deref(), Some("usual"));
        assert_eq!(regions(&nothing, &profiles), ["eu-west-1"]);
        assert_eq!(regions(&nothing, &profiles_of("", "default").await), ["eu-south-1"]);

        let set = options(environment(&[("AWS_ACCESS_KEY_ID", "k"), ("AWS_REGION", "us-east-2")]));
        assert_eq!(selected_profile(&set), None);
        assert_eq!(regions(&set, &profiles), ["us-east-2"]);

        let named = options(environment(&[("AWS_PROFILE", "named"), ("AWS_ACCESS_KEY_ID", "k")]));
        assert_eq!(selected_profile(&named).as_deref(), Some("named"));
        let flag = Options {
            profile: Some("flag".into()),
            regions: vec!["sa-east-1".into(), "us-east-1".into()],
            ..named
        };
        assert_eq!(selected_profile(&flag).as_deref(), Some("flag"));
        assert_eq!(regions(&flag, &profiles), ["sa-east-1", "us-east-1"]);
    }

    #[tokio::test]
    async fn a_chain_is_ours_only_where_a_step_wants_a_code() {
        let config = "\
[profile plain]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = keys\n\
[profile coded]\nrole_arn = arn:aws:iam::1:role/b\nmfa_serial = arn:aws:iam::1:mfa/me\nsource_profile = keys\n\
[profile twice]\nrole_arn = arn:aws:iam::1:role/c\nsource_profile = coded\n\
[profile keys]\naws_access_key_id = a\naws_secret_access_key = b\n";
        let profiles = profiles_of(config, "default").await;
        assert_eq!(mfa::chain(&profiles, "plain"), None);
        let (roles, base) = mfa::chain(&profiles, "twice").unwrap();
        let arns: Vec<_> = roles.iter().map(|role| role.arn.as_str()).collect();
        assert_eq!(arns, ["arn:aws:iam::1:role/c", "arn:aws:iam::1:role/b"]);
        assert_eq!(base, "keys");
    }

    #[tokio::test]
    async fn a_loop_of_profiles_ends() {
        let config = "[profile a]\nrole_arn = x\nmfa_serial = s\nsource_profile = b\n\
[profile b]\nrole_arn = y\nsource_profile = a\n";
        assert_eq!(mfa::chain(&profiles_of(config, "a").await, "a"), None);
    }
}
