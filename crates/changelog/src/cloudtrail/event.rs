//! What is read of an event of CloudTrail, and nothing else of it: who called what on which service.
//! Access keys, addresses, and the other parameters, which may be secrets, are passed over.
//!
//! Source: "CloudTrail record contents" and "CloudTrail userIdentity element" in the CloudTrail user
//! guide; "Logging Amazon ECS API calls" in the ECS developer guide.

use ::record::Time;
use ecs::short_name;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Somebody called something on a service, and it was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Called {
    pub(crate) time: Time,
    pub(crate) cluster: String,
    pub(crate) service: String,
    /// `ada (deploy)`: the session, and the role that it is of.
    pub(crate) actor: String,
    /// The event's own id.
    pub(crate) id: String,
    /// How many tasks the service is to have, where nothing else was asked for.
    pub(crate) scales_to: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    event_time: Time,
    event_source: String,
    #[serde(rename = "eventID")]
    event_id: Option<String>,
    error_code: Option<String>,
    user_identity: Identity,
    request_parameters: Option<Parameters>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Identity {
    r#type: Option<String>,
    arn: Option<String>,
    user_name: Option<String>,
    invoked_by: Option<String>,
    session_context: Option<Session>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Session {
    session_issuer: Option<Issuer>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Issuer {
    user_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    service: Option<String>,
    /// What CreateService calls it.
    service_name: Option<String>,
    cluster: Option<String>,
    desired_count: Option<u32>,
    /// Whether it is there; not what it is.
    task_definition: Option<IgnoredAny>,
    force_new_deployment: Option<bool>,
}

impl Called {
    /// Reads an event. One that failed changed nothing, one of another source is about another kind of
    /// service, and one without a name in it tells nothing.
    pub(crate) fn read(event: &str) -> Option<Self> {
        // What serde would say quotes the event.
        let written: Written = serde_json::from_str(event).ok()?;
        if written.error_code.is_some() || written.event_source != "ecs.amazonaws.com" {
            return None;
        }
        let parameters = written.request_parameters?;
        let deploys = parameters.task_definition.is_some()
            || parameters.service_name.is_some()
            || parameters.force_new_deployment == Some(true);
        let service = parameters.service.or(parameters.service_name)?;
        Some(Self {
            time: written.event_time,
            // ECS takes the cluster `default` where none is named.
            cluster: parameters
                .cluster
                .map_or("default".to_owned(), |name| short_name(&name).to_owned()),
            service: short_name(&service).to_owned(),
            actor: written.user_identity.name()?,
            id: written.event_id.unwrap_or_default(),
            scales_to: parameters.desired_count.filter(|_| !deploys),
        })
    }
}

impl Identity {
    /// What people know it by.
    fn name(self) -> Option<String> {
        let of_arn = self.arn.as_deref().and_then(session_and_role);
        let issuer = self.session_context.and_then(|session| session.session_issuer?.user_name);
        let name = match (self.r#type.as_deref(), of_arn) {
            (Some("Root"), _) => Some("root".to_owned()),
            (Some("AssumedRole"), Some((session, role))) => {
                let role = issuer.unwrap_or_else(|| role.to_owned());
                Some(format!("{session} ({role})"))
            }
            (_, Some((session, _))) => self.user_name.or_else(|| Some(session.to_owned())),
            (_, None) => self.user_name.or(issuer),
        };
        match (name, self.invoked_by) {
            (Some(name), Some(service)) => Some(format!("{name} through {service}")),
            (name, service) => name.or(service),
        }
    }
}

/// `ada` and `deploy` of `arn:aws:sts::1:assumed-role/deploy/ada`; of a user's ARN, the user and its
/// kind.
fn session_and_role(arn: &str) -> Option<(&str, &str)> {
    let (rest, session) = arn.rsplit_once('/')?;
    let role = rest.rsplit(['/', ':']).next()?;
    Some((session, role))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn event(identity: Value, parameters: Value) -> Value {
        json!({
            "eventTime": "2026-11-22T20:36:58Z", "eventSource": "ecs.amazonaws.com",
            "eventName": "UpdateService", "sourceIPAddress": "198.51.100.7",
            "userIdentity": identity, "requestParameters": parameters,
        })
    }

    fn assumed() -> Value {
        json!({
            "type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/deploy/ada",
            "accessKeyId": "ASIAPLANTED",
            "sessionContext": {"sessionIssuer": {"userName": "deploy", "arn": "arn:aws:iam::1:role/deploy"}},
        })
    }

    fn actor(identity: Value) -> Option<String> {
        let event = event(identity, json!({"service": "api", "cluster": "prod"}));
        Called::read(&event.to_string()).map(|called| called.actor)
    }

    #[test]
    fn who_called_it_is_said_as_people_know_them() {
        assert_eq!(actor(assumed()).as_deref(), Some("ada (deploy)"));
        let user =
            json!({"type": "IAMUser", "arn": "arn:aws:iam::1:user/team/ada", "userName": "ada"});
        assert_eq!(actor(user).as_deref(), Some("ada"));
        assert_eq!(
            actor(json!({"type": "Root", "arn": "arn:aws:iam::1:root"})).as_deref(),
            Some("root")
        );
        let service = json!({"type": "AWSService", "invokedBy": "codedeploy.amazonaws.com"});
        assert_eq!(actor(service).as_deref(), Some("codedeploy.amazonaws.com"));
        let mut through = assumed();
        through["invokedBy"] = json!("cloudformation.amazonaws.com");
        let through = actor(through);
        assert_eq!(through.as_deref(), Some("ada (deploy) through cloudformation.amazonaws.com"));
        assert_eq!(actor(json!({"type": "Unknown"})), None);
    }

    #[test]
    fn the_service_and_its_cluster_are_named_by_name_or_arn() {
        let by_arn = json!({
            "service": "arn:aws:ecs:r:1:service/prod/api", "cluster": "arn:aws:ecs:r:1:cluster/prod",
        });
        let called = Called::read(&event(assumed(), by_arn).to_string()).unwrap();
        assert_eq!((called.service.as_str(), called.cluster.as_str()), ("api", "prod"));
        let created = json!({"serviceName": "api"});
        let called = Called::read(&event(assumed(), created).to_string()).unwrap();
        assert_eq!((called.service.as_str(), called.cluster.as_str()), ("api", "default"));
    }

    #[test]
    fn an_update_scales_where_it_asks_for_nothing_else() {
        let scales_to = |parameters: Value| {
            Called::read(&event(assumed(), parameters).to_string()).unwrap().scales_to
        };
        assert_eq!(scales_to(json!({"service": "api", "desiredCount": 180})), Some(180));
        assert_eq!(scales_to(json!({"service": "api"})), None);
        let deploys = json!({"service": "api", "desiredCount": 3, "taskDefinition": "api:8"});
        assert_eq!(scales_to(deploys), None);
        let forces = json!({"service": "api", "desiredCount": 3, "forceNewDeployment": true});
        assert_eq!(scales_to(forces), None);
        let creates = json!({"serviceName": "api", "desiredCount": 3});
        assert_eq!(scales_to(creates), None);
    }

    #[test]
    fn what_failed_or_is_of_another_service_is_nobodys() {
        let mut refused = event(assumed(), json!({"service": "api"}));
        refused["errorCode"] = json!("AccessDenied");
        assert_eq!(Called::read(&refused.to_string()), None);
        let mut mesh = event(assumed(), json!({"service": "api"}));
        mesh["eventSource"] = json!("vpc-lattice.amazonaws.com");
        assert_eq!(Called::read(&mesh.to_string()), None);
        assert_eq!(Called::read(&event(assumed(), Value::Null).to_string()), None);
        assert_eq!(Called::read("{"), None);
    }

    #[test]
    fn nothing_else_of_an_event_is_kept() {
        let planted = "PLANTED-7f3a";
        let mut identity = assumed();
        identity["accessKeyId"] = json!(planted);
        identity["principalId"] = json!(planted);
        identity["sessionContext"]["attributes"] = json!({"creationDate": planted});
        identity["sessionContext"]["sessionIssuer"]["principalId"] = json!(planted);
        let parameters = json!({
            "service": "api", "cluster": "prod", "taskDefinition": planted,
            "overrides": {"environment": [{"name": "TOKEN", "value": planted}]},
            "tags": [{"key": planted, "value": planted}],
        });
        let mut event = event(identity, parameters);
        event["responseElements"] = json!({"service": {"events": [planted]}});
        event["sourceIPAddress"] = json!(planted);
        event["userAgent"] = json!(planted);
        event["errorMessage"] = json!(planted);
        let called = Called::read(&event.to_string()).unwrap();
        assert!(!format!("{called:?}").contains(planted), "{called:?}");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}", arn in "[a-z:/]{0,20}") {
            Called::read(&text);
            let identity = json!({"type": "AssumedRole", "arn": arn});
            Called::read(&event(identity, json!({"service": "api"})).to_string());
        }
    }
}
