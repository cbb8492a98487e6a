//! What went wrong while credentials were looked for.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;

use crate::error::{Cause, chain, chain_text};
use crate::mfa::NoCode;

/// The cause, when an error's chain shows that the request failed for want of credentials.
pub(crate) fn cause(error: &(dyn StdError + 'static)) -> Option<Cause> {
    let found = chain(error).find_map(|link| link.downcast_ref::<CredentialsError>())?;
    if let Some(no_code) = chain(found).find_map(|link| link.downcast_ref::<NoCode>()) {
        return Some(Cause::MfaCode { serial: no_code.serial.clone() });
    }
    let detail = chain_text(found);
    Some(match found {
        CredentialsError::CredentialsNotLoaded(_) => Cause::NoCredentials,
        CredentialsError::ProviderTimedOut(_) => Cause::Credentials { detail },
        CredentialsError::InvalidConfiguration(_) => Cause::BrokenProfiles(detail),
        // The SDK has no type for these two; the texts are those of its sso/token.rs and
        // login/cache.rs, and tests hold them.
        _ if detail.contains("SSO token") || detail.contains("sso") => Cause::SsoLogin { detail },
        _ if detail.contains("login") => Cause::Login { detail },
        _ => Cause::Credentials { detail },
    })
}
