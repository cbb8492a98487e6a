//! Credentials, had once: the account id is read from them, and each region's client signs with them.
//! And what went wrong while they were looked for.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_async::time::SharedTimeSource;
use tokio::sync::Mutex;

use crate::error::{Cause, chain, chain_text};
use crate::mfa::NoCode;

/// The cause, when an error's chain shows that the request failed for want of credentials.
pub(crate) fn cause(error: &(dyn StdError + 'static)) -> Option<Cause> {
    let found = chain(error).find_map(|link| link.downcast_ref::<CredentialsError>())?;
    if let Some(no_code) = chain(found).find_map(|link| link.downcast_ref::<NoCode>()) {
        return Some(Cause::MfaCode { serial: no_code.serial.clone() });
    }
    let detail = chain_text(found);
    // The portal or STS could not be reached: no login would help.
    let unreachable =
        ["dns error", "error trying to connect", "tcp connect error", "timed out", "timeout"];
    if unreachable.iter().any(|sign| detail.contains(sign)) {
        return Some(Cause::Connection { detail });
    }
    Some(match found {
        CredentialsError::CredentialsNotLoaded(_) => Cause::NoCredentials,
        CredentialsError::ProviderTimedOut(_) => Cause::Credentials { detail },
        CredentialsError::InvalidConfiguration(_) => Cause::BrokenProfiles(detail),
        // The SDK has no type for these two; the texts are those of its sso/token.rs and
        // login/cache.rs, and tests hold them.
        _ if detail.contains("SSO token") => Cause::SsoLogin { detail },
        _ if detail.contains("login/cache") || detail.contains("login session") => {
            Cause::Login { detail }
        }
        _ => Cause::Credentials { detail },
    })
}

/// A provider that asks another one and keeps what it says until it is about to expire. Without it
/// a credential process would run, and a code be asked for, once for each use. Clones share it all.
#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    clock: SharedTimeSource,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    inner: SharedCredentialsProvider,
    kept: Option<Credentials>,
}

impl Remembered {
    pub(crate) fn new(inner: SharedCredentialsProvider, clock: SharedTimeSource) -> Self {
        Self { clock, state: Arc::new(Mutex::new(State { inner, kept: None })) }
    }

    /// From now on asks whom `other` asks: profiles that were read anew after a login.
    pub(crate) async fn become_like(&self, other: &Self) {
        let inner = other.state.lock().await.inner.clone();
        *self.state.lock().await = State { inner, kept: None };
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        /// Time enough for a request that is signed now to arrive.
        const SPARE: Duration = Duration::from_secs(60);
        // Held while they are asked for: whoever comes in the meantime waits for the same ones.
        let mut state = self.state.lock().await;
        if let Some(credentials) = state.kept.as_ref() {
            let lasts = |expiry| expiry > self.clock.now() + SPARE;
            if credentials.expiry().is_none_or(lasts) {
                return Ok(credentials.clone());
            }
        }
        let credentials = state.inner.provide_credentials().await?;
        state.kept = Some(credentials.clone());
        Ok(credentials)
    }
}

impl ProvideCredentials for Remembered {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}
