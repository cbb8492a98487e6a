//! Whose account it is, without asking where that can be helped.

use std::sync::OnceLock;

use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use crate::door::Door;
use crate::operations::Operation;

/// What is known of the account so far.
#[derive(Debug, Default)]
pub(crate) struct Known {
    from_arn: OnceLock<String>,
    asked: OnceCell<Option<String>>,
}

impl Door {
    /// The account id: from the credentials, else from an ARN that was read, else from one
    /// GetCallerIdentity. `None` where none of them has it; never an error.
    pub async fn account(&self) -> Option<String> {
        match self.account_so_far().await {
            Some(account) => Some(account),
            None => self.known_account().asked.get_or_init(|| self.ask()).await.clone(),
        }
    }

    /// The account id, where nobody has to be asked for it.
    pub(crate) async fn account_so_far(&self) -> Option<String> {
        if let Some(credentials) = self.credentials().await
            && let Some(account) = credentials.account_id()
        {
            return Some(account.as_str().to_owned());
        }
        let known = self.known_account();
        known.from_arn.get().cloned().or_else(|| known.asked.get().cloned().flatten())
    }

    /// Learns the account from the ARN of something that was read in it.
    pub fn learn_account(&self, arn: &str) {
        if let Some(account) = arn.split(':').nth(4).filter(|id| is_account_id(id)) {
            // The first one stands: all of them are of the same account.
            let _ = self.known_account().from_arn.set(account.to_owned());
        }
    }

    /// What caches are keyed by: the account, else a hash of the access key's id.
    pub async fn cache_key(&self) -> Option<String> {
        if let Some(account) = self.account().await {
            return Some(account);
        }
        let credentials = self.credentials().await?;
        let digest = Sha256::digest(credentials.access_key_id());
        Some(digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }

    async fn ask(&self) -> Option<String> {
        let client = aws_sdk_sts::Client::new(&self.sdk_config(self.region()));
        let identity = self
            .call(Operation::GetCallerIdentity, self.region(), || {
                client.get_caller_identity().send()
            })
            .await;
        match identity {
            Ok(identity) => identity.account,
            Err(error) => {
                tracing::debug!(target: "oncall", %error, "the account is unknown");
                None
            }
        }
    }
}

fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}
