//! Roles that want a code from the user's device.
//!
//! The SDK reads `role_arn` but ignores `mfa_serial` and would call AssumeRole without a code, so
//! a profile chain with one is walked here. Codes and the credentials they buy stay in memory.

use std::fmt;
use std::sync::Arc;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_runtime::env_config::section::EnvConfigSections;

/// Asks the user for the current code of the device with this serial number (an ARN or a hardware
/// serial). It may block: it is called off the runtime's own threads.
#[derive(Clone)]
pub struct MfaPrompt(Arc<Ask>);

type Ask = dyn Fn(&str) -> Result<String, NoCode> + Send + Sync;

impl MfaPrompt {
    /// A prompt that calls `ask`.
    pub fn new(ask: impl Fn(&str) -> Result<String, NoCode> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }
}

impl fmt::Debug for MfaPrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MfaPrompt")
    }
}

/// No code could be had: there is no terminal to ask on, or the user gave none.
#[derive(Clone, Debug, thiserror::Error)]
#[error("no code was given for the MFA device {serial}")]
pub struct NoCode {
    /// The device's serial number.
    pub serial: String,
}

/// One step of a profile chain: a role, assumed with the credentials of the step before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) arn: String,
    pub(crate) mfa_serial: Option<String>,
    pub(crate) external_id: Option<String>,
    pub(crate) session_name: Option<String>,
    pub(crate) duration_seconds: Option<i32>,
}

/// The roles of a profile from the last assumed to the first, and the profile whose own
/// credentials begin the chain. `None` when no step wants a code: then the SDK does it.
pub(crate) fn chain(profiles: &EnvConfigSections, selected: &str) -> Option<(Vec<Role>, String)> {
    let mut roles = Vec::new();
    let mut name = selected.to_owned();
    let mut visited = Vec::new();
    loop {
        let profile = profiles.get_profile(&name)?;
        let text = |key: &str| profile.get(key).map(str::to_owned);
        let (Some(arn), Some(source)) = (text("role_arn"), text("source_profile")) else { break };
        roles.push(Role {
            arn,
            mfa_serial: text("mfa_serial"),
            external_id: text("external_id"),
            session_name: text("role_session_name"),
            duration_seconds: profile.get("duration_seconds").and_then(|text| text.parse().ok()),
        });
        if source == name {
            break;
        }
        if visited.contains(&source) {
            return None; // A loop: the SDK's own message names it.
        }
        visited.push(std::mem::replace(&mut name, source));
    }
    roles.iter().any(|role| role.mfa_serial.is_some()).then_some((roles, name))
}

/// Credentials of a role, asked for with a code where the role wants one.
#[derive(Debug)]
pub(crate) struct AssumedRole {
    pub(crate) role: Role,
    pub(crate) source: SharedCredentialsProvider,
    pub(crate) sdk_config: SdkConfig,
    pub(crate) prompt: MfaPrompt,
}

impl AssumedRole {
    async fn assume(&self) -> Result<Credentials, CredentialsError> {
        let config = self.sdk_config.to_builder().credentials_provider(self.source.clone()).build();
        let mut request = aws_sdk_sts::Client::new(&config)
            .assume_role()
            .role_arn(&self.role.arn)
            .role_session_name(self.role.session_name.as_deref().unwrap_or("oncall"))
            .set_external_id(self.role.external_id.clone())
            .set_duration_seconds(self.role.duration_seconds);
        if let Some(serial) = self.role.mfa_serial.clone() {
            let prompt = self.prompt.clone();
            let asked = serial.clone();
            let code = tokio::task::spawn_blocking(move || (prompt.0)(&asked))
                .await
                .map_err(CredentialsError::unhandled)?
                .map_err(CredentialsError::provider_error)?;
            request = request.serial_number(serial).token_code(code.trim());
        }
        let answer = request.send().await.map_err(CredentialsError::provider_error)?;
        let keys = answer.credentials.ok_or_else(|| {
            CredentialsError::unhandled("AssumeRole answered without credentials")
        })?;
        let account = self.role.arn.split(':').nth(4).unwrap_or_default().to_owned();
        Ok(Credentials::builder()
            .access_key_id(keys.access_key_id)
            .secret_access_key(keys.secret_access_key)
            .session_token(keys.session_token)
            .expiry(keys.expiration.try_into().map_err(CredentialsError::unhandled)?)
            .account_id(account)
            .provider_name("oncall-mfa")
            .build())
    }
}

impl ProvideCredentials for AssumedRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}
