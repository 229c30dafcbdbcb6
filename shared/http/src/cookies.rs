use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};

/// The value of a cookie of the request.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Cookies of an answer, all with the attributes that a `__Host-` name demands. Browsers take them over plain HTTP
/// from this machine too.
#[derive(Debug, Default)]
pub struct SetCookies(Vec<String>);

impl SetCookies {
    /// Sets a cookie that scripts cannot read.
    #[must_use]
    pub fn http_only(mut self, name: &str, value: &str, max_age: Duration) -> Self {
        self.0.push(format!("{}; HttpOnly", Self::plain(name, value, max_age)));
        self
    }

    /// Sets a cookie that scripts cannot read, and that also comes along when another site sends the browser back here.
    #[must_use]
    pub fn round_trip(mut self, name: &str, value: &str, max_age: Duration) -> Self {
        self.0
            .push(format!("{}; HttpOnly", Self::with(name, value, max_age, "Lax")));
        self
    }

    /// Sets a cookie that scripts of the site can read.
    #[must_use]
    pub fn readable(mut self, name: &str, value: &str, max_age: Duration) -> Self {
        self.0.push(Self::plain(name, value, max_age));
        self
    }

    /// Removes a cookie.
    #[must_use]
    pub fn clear(mut self, name: &str) -> Self {
        self.0.push(Self::plain(name, "", Duration::ZERO));
        self
    }

    fn plain(name: &str, value: &str, max_age: Duration) -> String {
        Self::with(name, value, max_age, "Strict")
    }

    fn with(name: &str, value: &str, max_age: Duration, same_site: &str) -> String {
        format!(
            "{name}={value}; Path=/; Max-Age={}; Secure; SameSite={same_site}",
            max_age.as_secs()
        )
    }

    /// The header values.
    pub fn values(&self) -> impl Iterator<Item = HeaderValue> + '_ {
        self.0.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok())
    }
}
