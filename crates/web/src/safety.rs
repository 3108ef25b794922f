//! Who may ask: nobody but the page of this server and programs on this machine.
//!
//! A page from elsewhere that the same browser has open can send requests here, also under a name that it makes
//! point to this machine. Such requests carry that page's name in `Host` or `Origin`, and are refused.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::Failure;

/// Nothing but the page's own files, and drawings made in the page.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// The port at which this server is asked. A name can be made to point anywhere, an address cannot: so it is asked
/// by an address, or as `localhost`.
#[derive(Clone, Copy, Debug)]
pub struct Port(pub u16);

impl Port {
    fn know(self, host: &str) -> bool {
        let Port(port) = self;
        let plain = port == 80 && (host.parse::<IpAddr>().is_ok() || host.eq_ignore_ascii_case("localhost"));
        let address = host.parse::<SocketAddr>().is_ok_and(|address| address.port() == port);
        plain || address || host.eq_ignore_ascii_case(&format!("localhost:{port}"))
    }

    fn allow(self, method: &Method, headers: &HeaderMap) -> Result<(), Failure> {
        let text = |value: Option<&HeaderValue>| value.map(|value| value.to_str().unwrap_or("?").to_string());
        let host = text(headers.get(header::HOST)).unwrap_or_default();
        if !self.know(&host) {
            return Err(Failure::new(StatusCode::FORBIDDEN, "foreign-host", "this server is asked under another name")
                .help(format!("use http://127.0.0.1:{}/, or another address of this machine", self.0)));
        }
        let reads = matches!(*method, Method::GET | Method::HEAD);
        let own = |origin: &str| origin.strip_prefix("http://").is_some_and(|host| self.know(host));
        match text(headers.get(header::ORIGIN)) {
            Some(origin) if !reads && !own(&origin) => Err(Failure::new(
                StatusCode::FORBIDDEN,
                "foreign-origin",
                "another page may not start or end runs here",
            )),
            _ => Ok(()),
        }
    }
}

/// Refuses who may not ask, and tells the browser what the page may do.
pub async fn guard(State(port): State<Port>, request: Request, next: Next) -> Response {
    let mut response = match port.allow(request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    };
    let headers = response.headers_mut();
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    response
}

#[cfg(test)]
mod tests {
    use super::Port;

    #[test]
    fn addresses_are_known_and_names_are_not() {
        for host in ["127.0.0.1:7420", "localhost:7420", "LOCALHOST:7420", "[::1]:7420", "192.168.1.7:7420"] {
            assert!(Port(7420).know(host), "{host}");
        }
        for host in ["127.0.0.1", "127.0.0.1:80", "evil.example:7420", "127.0.0.1.evil.example:7420", "localhost", ""] {
            assert!(!Port(7420).know(host), "{host}");
        }
        assert!(Port(80).know("127.0.0.1") && Port(80).know("localhost") && !Port(80).know("evil.example"));
    }
}
