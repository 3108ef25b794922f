//! Who may ask: nobody but the page of this server and programs on this machine.
//!
//! A page from elsewhere that the same browser has open can send requests here, also under a name that it makes
//! point to this machine. Such requests carry that page's name in `Host` or `Origin`, and are refused.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::Failure;

/// Nothing but the page's own files, and drawings made in the page.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// Names under which this server is asked, with its port.
#[derive(Clone, Debug)]
pub struct Hosts(Arc<Vec<String>>);

impl Hosts {
    pub fn of(address: SocketAddr) -> Hosts {
        let port = address.port();
        let mut names = vec![format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("[::1]:{port}")];
        names.push(address.to_string());
        Hosts(Arc::new(names))
    }

    fn know(&self, host: &str) -> bool {
        self.0.iter().any(|name| name.eq_ignore_ascii_case(host))
    }

    fn allow(&self, method: &Method, headers: &HeaderMap) -> Result<(), Failure> {
        let text = |value: Option<&HeaderValue>| value.map(|value| value.to_str().unwrap_or("?").to_string());
        let host = text(headers.get(header::HOST)).unwrap_or_default();
        if !self.know(&host) {
            return Err(Failure::new(StatusCode::FORBIDDEN, "foreign-host", "this server is asked under another name")
                .help(format!("use http://{}/", self.0[1])));
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
pub async fn guard(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let mut response = match hosts.allow(request.method(), request.headers()) {
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
