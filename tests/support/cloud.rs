//! A builder for "given this system": a loopback server that answers as a spec says. For what no
//! well-behaved cloud does: broken pages, refusals, pages of a proxy.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What an ARN of ECS begins with.
const ECS: &str = "arn:aws:ecs:us-east-1:123456789012";

/// A request as a spec looks at it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The operation, from X-Amz-Target.
    pub operation: String,
    /// The JSON body.
    pub body: serde_json::Value,
    /// All header lines.
    pub headers: String,
}

impl Request {
    /// What is asked for: the path and its query.
    pub fn path(&self) -> &str {
        self.headers.split(' ').nth(1).unwrap_or_default()
    }
}

/// What to answer.
pub struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    /// What else stands in its head.
    pub headers: Vec<(&'static str, String)>,
    /// Close the connection after so many bytes of the body.
    pub cut_after: Option<usize>,
}

impl Answer {
    /// A JSON answer.
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        let content_type = "application/x-amz-json-1.1";
        Self { status: 200, content_type, body: body.into(), headers: Vec::new(), cut_after: None }
    }

    /// A redirect.
    pub fn elsewhere(url: String) -> Self {
        Self { status: 307, headers: vec![("location", url)], ..Self::json("") }
    }

    /// A refusal as AWS words it.
    pub fn refusal(code: &str, message: &str) -> Self {
        let body = serde_json::json!({ "__type": code, "message": message });
        Self { status: 400, ..Self::json(body.to_string()) }
    }

    /// A page of a proxy.
    pub fn html(status: u16) -> Self {
        let body = b"<html><body>Please log in</body></html>".to_vec();
        Self { status, content_type: "text/html", body, headers: Vec::new(), cut_after: None }
    }
}

/// A server on loopback. It ends with the test's process.
pub struct Cloud {
    pub url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Cloud {
    /// Serves `answer` for each request.
    pub fn that(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), Arc::clone(&seen));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                thread::spawn(move || serve(stream, &*answer, &log));
            }
        });
        Self { url, seen }
    }

    /// A server that takes connections and never answers.
    pub fn that_hangs() -> Self {
        Self::that(|_| {
            loop {
                thread::park();
            }
        })
    }

    /// An address where nobody listens.
    pub fn nowhere() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(
    mut stream: TcpStream,
    answer: &(dyn Fn(&Request) -> Answer + Send + Sync),
    log: &Mutex<Vec<Request>>,
) {
    while let Some(request) = read(&mut stream) {
        log.lock().unwrap().push(request.clone());
        let Answer { status, content_type, body, headers, cut_after } = answer(&request);
        let headers: String =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\n{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        let sent = &body[..cut_after.unwrap_or(body.len()).min(body.len())];
        let written = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(sent));
        if written.is_err() || cut_after.is_some() {
            return;
        }
    }
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let headers = String::from_utf8_lossy(&head).into_owned();
    let header = |name: &str| {
        headers.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    let target = header("x-amz-target").unwrap_or_default();
    Some(Request {
        operation: target.rsplit('.').next().unwrap_or_default().to_owned(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
        headers,
    })
}

/// A cloud with one log group and no ECS service: DescribeLogGroups and ListClusters are answered,
/// FilterLogEvents is up to the spec.
pub fn with_one_group(
    name: &'static str,
    events: impl Fn(&Request) -> Answer + Send + Sync + 'static,
) -> Cloud {
    Cloud::that(move |request| match request.operation.as_str() {
        "DescribeLogGroups" => Answer::json(
            serde_json::json!({ "logGroups": [{
                "logGroupName": name,
                "arn": format!("arn:aws:logs:us-east-1:123456789012:log-group:{name}:*"),
            }] })
            .to_string(),
        ),
        "ListClusters" => Answer::json(r#"{"clusterArns":[]}"#),
        "FilterLogEvents" => events(request),
        _ => Answer::refusal("UnknownOperationException", "not here"),
    })
}

/// A cloud with the service prod/shop, whose one running task has two containers, `web` and `side`,
/// in one group. Any other task that is asked for is of the service `other`.
pub fn fleet_of_one_task(
    task: &'static str,
    events: impl Fn(&Request) -> Answer + Send + Sync + 'static,
) -> Cloud {
    let container = |name: &str| {
        serde_json::json!({ "name": name, "logConfiguration": { "logDriver": "awslogs", "options": {
            "awslogs-group": "/shop", "awslogs-stream-prefix": "web" } } })
    };
    let definition = serde_json::json!({ "taskDefinition": {
        "containerDefinitions": [container("web"), container("side")] } });
    let service = serde_json::json!({ "services": [{
        "serviceArn": format!("{ECS}:service/prod/shop"), "clusterArn": format!("{ECS}:cluster/prod"),
        "serviceName": "shop", "status": "ACTIVE",
        "taskDefinition": format!("{ECS}:task-definition/shop:1") }] });
    Cloud::that(move |request| match request.operation.as_str() {
        "ListClusters" => Answer::json(format!(r#"{{"clusterArns":["{ECS}:cluster/prod"]}}"#)),
        "DescribeServices" => Answer::json(service.to_string()),
        "ListTasks" if request.body["desiredStatus"] == "STOPPED" => {
            Answer::json(r#"{"taskArns":[]}"#)
        }
        "ListTasks" => Answer::json(format!(r#"{{"taskArns":["{ECS}:task/prod/{task}"]}}"#)),
        "DescribeTasks" => {
            let asked = request.body["tasks"].as_array().cloned().unwrap_or_default();
            let tasks: Vec<_> = asked
                .iter()
                .filter_map(|asked| asked.as_str()?.rsplit('/').next())
                .map(|id| {
                    let group = if id == task { "service:shop" } else { "service:other" };
                    serde_json::json!({
                        "taskArn": format!("{ECS}:task/prod/{id}"), "group": group,
                        "clusterArn": format!("{ECS}:cluster/prod"),
                        "taskDefinitionArn": format!("{ECS}:task-definition/shop:1"),
                    })
                })
                .collect();
            Answer::json(serde_json::json!({ "tasks": tasks }).to_string())
        }
        "DescribeTaskDefinition" => Answer::json(definition.to_string()),
        "DescribeLogGroups" => Answer::json(r#"{"logGroups":[]}"#),
        // Only `web` has ever written.
        "DescribeLogStreams" => match request.body["logStreamNamePrefix"].as_str() {
            Some(name) if name.starts_with("web/web/") => {
                Answer::json(format!(r#"{{"logStreams":[{{"logStreamName":"{name}"}}]}}"#))
            }
            _ => Answer::json(r#"{"logStreams":[]}"#),
        },
        "FilterLogEvents" => events(request),
        _ => Answer::refusal("UnknownOperationException", "not here"),
    })
}

/// Three clusters, `a`, `b` and `c`, with a service `web` of one task each. `answer`, which is given the name of the
/// cluster that is asked about, may answer first.
pub fn three_clusters(
    answer: impl Fn(&Request, &str) -> Option<Answer> + Send + Sync + 'static,
) -> Cloud {
    Cloud::that(move |request| {
        let cluster = request.body["cluster"].as_str().unwrap_or_default().to_owned();
        let cluster = cluster.rsplit('/').next().unwrap_or_default();
        if let Some(answer) = answer(request, cluster) {
            return answer;
        }
        let arn = |kind: &str, rest: &str| format!("{ECS}:{kind}/{rest}");
        match request.operation.as_str() {
            "ListClusters" => {
                let arns: Vec<String> = ["a", "b", "c"].map(|name| arn("cluster", name)).into();
                Answer::json(serde_json::json!({ "clusterArns": arns }).to_string())
            }
            "ListServices" => Answer::json(serde_json::json!({ "serviceArns": [arn("service", &format!("{cluster}/web"))] }).to_string()),
            "DescribeServices" => Answer::json(serde_json::json!({ "services": [web_of(cluster)] }).to_string()),
            "DescribeTaskDefinition" => Answer::json(serde_json::json!({ "taskDefinition": { "containerDefinitions": [
                { "name": "web", "image": "registry.example/web:1" } ] } }).to_string()),
            "ListTasks" => Answer::json(serde_json::json!({ "taskArns": [arn("task", &format!("{cluster}/0f9de17a6465404e8b1b2356dc13c2f8"))] }).to_string()),
            "DescribeTasks" => Answer::json(serde_json::json!({ "tasks": [{
                "taskArn": arn("task", &format!("{cluster}/0f9de17a6465404e8b1b2356dc13c2f8")), "group": "service:web",
                "clusterArn": arn("cluster", cluster), "lastStatus": "RUNNING" }] }).to_string()),
            _ => Answer::refusal("UnknownOperationException", "not here"),
        }
    })
}

fn web_of(cluster: &str) -> serde_json::Value {
    serde_json::json!({
        "serviceArn": format!("{ECS}:service/{cluster}/web"), "serviceName": "web", "status": "ACTIVE",
        "clusterArn": format!("{ECS}:cluster/{cluster}"), "desiredCount": 1, "runningCount": 1, "pendingCount": 0,
        "taskDefinition": format!("{ECS}:task-definition/web:1"),
        "deployments": [{ "id": "ecs-svc/1", "status": "PRIMARY", "desiredCount": 1, "runningCount": 1,
            "taskDefinition": format!("{ECS}:task-definition/web:1") }],
    })
}

/// A refusal for want of a permission.
pub fn denied() -> Answer {
    Answer::refusal("AccessDeniedException", "User: arn:aws:iam::1:user/me is not authorized")
}
