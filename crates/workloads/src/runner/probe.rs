//! Asking a container how it is.

mod tls;

use crate::pod::{Container, HttpGet, Probe, TcpSocket};
use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// Most bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 10 * 1024;

/// What a run of answers comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Not yet enough in a row.
    Open,
    Good,
    Bad,
}

/// Counts answers in a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Count {
    good_wanted: u32,
    bad_wanted: u32,
    good: u32,
    bad: u32,
}

impl Count {
    pub(crate) fn of(probe: &Probe) -> Self {
        Self {
            good_wanted: probe.success_threshold.unwrap_or(1).max(1),
            bad_wanted: probe.failure_threshold.unwrap_or(3).max(1),
            good: 0,
            bad: 0,
        }
    }

    pub(crate) fn take(&mut self, is_good: bool) -> Verdict {
        if is_good {
            (self.good, self.bad) = (self.good.saturating_add(1), 0);
            return if self.good >= self.good_wanted {
                Verdict::Good
            } else {
                Verdict::Open
            };
        }
        (self.good, self.bad) = (0, self.bad.saturating_add(1));
        if self.bad >= self.bad_wanted {
            Verdict::Bad
        } else {
            Verdict::Open
        }
    }
}

/// Asks over HTTP, or HTTPS: an answer below 400 is good. What went wrong is told as the kubelet does.
pub(crate) async fn http(
    wanted: &HttpGet,
    container: &Container,
    pod_ip: &str,
    patience: Duration,
) -> Result<(), String> {
    let is_tls = wanted.scheme.eq_ignore_ascii_case("https");
    let port = port_of(&wanted.port, container)?;
    let host = if wanted.host.is_empty() {
        pod_ip
    } else {
        &wanted.host
    };
    let path = if wanted.path.starts_with('/') {
        wanted.path.clone()
    } else {
        format!("/{}", wanted.path)
    };
    let mut request = format!("GET {path} HTTP/1.1\r\n");
    let named = |name: &str| {
        wanted
            .http_headers
            .iter()
            .any(|h| h.name.eq_ignore_ascii_case(name))
    };
    if !named("host") {
        request.push_str(&format!("Host: {host}:{port}\r\n"));
    }
    if !named("user-agent") {
        request.push_str("User-Agent: kube-probe/1.37\r\n");
    }
    for header in &wanted.http_headers {
        request.push_str(&format!("{}: {}\r\n", header.name, header.value));
    }
    request.push_str("Accept: */*\r\nConnection: close\r\n\r\n");
    let exchange = async {
        let stream = TcpStream::connect((host, port)).await.map_err(words)?;
        match is_tls {
            true => exchange(tls::over(stream, host).await.map_err(words)?, &request).await,
            false => exchange(stream, &request).await,
        }
    };
    let answered = tokio::time::timeout(patience, exchange).await;
    let scheme = if is_tls { "https" } else { "http" };
    let url = format!("{scheme}://{host}:{port}{path}");
    match answered {
        Err(_) => Err(format!("Get \"{url}\": context deadline exceeded")),
        Ok(Err(error)) => Err(format!("Get \"{url}\": {error}")),
        Ok(Ok(200..400)) => Ok(()),
        Ok(Ok(status)) => Err(format!("HTTP probe failed with statuscode: {status}")),
    }
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &str,
) -> Result<u16, String> {
    stream.write_all(request.as_bytes()).await.map_err(words)?;
    let mut answer = Vec::new();
    let mut limited = (&mut stream).take(ANSWER_BYTES_MAX as u64);
    while !answer.windows(2).any(|pair| pair == b"\r\n") {
        if limited.read_buf(&mut answer).await.map_err(words)? == 0 {
            break;
        }
    }
    let line = String::from_utf8_lossy(&answer);
    let mut words = line.split_whitespace();
    let is_http = words
        .next()
        .is_some_and(|version| version.starts_with("HTTP/1"));
    let status = words.next().and_then(|status| status.parse().ok());
    status
        .filter(|_| is_http)
        .ok_or_else(|| "malformed HTTP response".to_owned())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that `map_err` calls"
)]
fn words(error: std::io::Error) -> String {
    error.to_string()
}

/// Asks by connecting.
pub(crate) async fn tcp(
    wanted: &TcpSocket,
    container: &Container,
    pod_ip: &str,
    patience: Duration,
) -> Result<(), String> {
    let port = port_of(&wanted.port, container)?;
    let host = if wanted.host.is_empty() {
        pod_ip
    } else {
        &wanted.host
    };
    let connected = tokio::time::timeout(patience, TcpStream::connect((host, port))).await;
    match connected {
        Err(_) => Err(format!("dial tcp {host}:{port}: i/o timeout")),
        Ok(Err(error)) => Err(format!("dial tcp {host}:{port}: {error}")),
        Ok(Ok(_)) => Ok(()),
    }
}

/// A port by its number, or by the name that the container gives it.
fn port_of(port: &Value, container: &Container) -> Result<u16, String> {
    let number = match port {
        Value::String(name) => {
            let named = container.ports.iter().find(|port| port.name == *name);
            named
                .map(|port| port.container_port)
                .or_else(|| name.parse().ok())
        }
        Value::Number(number) => number
            .as_u64()
            .and_then(|number| u16::try_from(number).ok()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    number
        .filter(|port| *port > 0)
        .ok_or_else(|| format!("invalid port number: {port}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[test]
    fn a_verdict_takes_as_many_answers_in_a_row_as_the_probe_wants() {
        let probe = json!({"successThreshold": 2, "failureThreshold": 2});
        let mut count = Count::of(&Probe::deserialize(probe).unwrap());
        let verdicts = [true, false, true, true, false, false].map(|good| count.take(good));
        use Verdict::{Bad, Good, Open};
        assert_eq!(verdicts, [Open, Open, Open, Good, Open, Bad]);
    }

    #[tokio::test]
    async fn an_answer_below_400_is_good() {
        for (answer, expected) in [
            ("HTTP/1.1 204 No Content\r\n\r\n", Ok(())),
            ("HTTP/1.1 302 Found\r\n\r\n", Ok(())),
            (
                "HTTP/1.1 503 No\r\n\r\n",
                Err("HTTP probe failed with statuscode: 503"),
            ),
        ] {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let serve = tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
                let _ = stream.read(&mut [0; 1024]).await;
            });
            let wanted = json!({"path": "health", "port": port});
            let wanted = HttpGet::deserialize(wanted).unwrap();
            let patience = Duration::from_secs(30);
            let found = http(&wanted, &Container::default(), "127.0.0.1", patience).await;
            assert_eq!(found, expected.map_err(str::to_owned));
            serve.await.unwrap();
        }
    }
}
