//! `/_local/mail`: the mails that the product sent, to read codes and links from. It exists on the laptop only.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jiff::Timestamp;
use serde_json::json;
use tripsage_emulators::Cloud;
use tripsage_emulators::aws::ses::Mail;

pub(crate) fn router(cloud: Arc<Cloud>) -> Router {
    Router::new().route("/_local/mail", get(list)).with_state(cloud)
}

/// Newest first: JSON for programs, a page for browsers.
async fn list(State(cloud): State<Arc<Cloud>>, headers: HeaderMap) -> Response {
    let mut mails = cloud.mails();
    mails.reverse();
    let accepts = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if accepts.contains("text/html") {
        Html(page(&mails)).into_response()
    } else {
        Json(json!({ "mails": mails })).into_response()
    }
}

fn page(mails: &[Mail]) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Mails</title>\
         <style>body{font:1rem/1.5 system-ui;max-width:45rem;margin:2rem auto;padding:0 1rem}\
         pre{white-space:pre-wrap;background:#8882;padding:1rem;border-radius:.5rem}</style><h1>Mails</h1>\n",
    );
    if mails.is_empty() {
        page.push_str("<p>None were sent yet.</p>\n");
    }
    for mail in mails {
        let sent = Timestamp::from_millisecond(mail.sent_at)
            .map(|at| at.to_string())
            .unwrap_or_default();
        page.push_str(&format!(
            "<article><h2>{}</h2><p>{} to {}, {}</p><pre>{}</pre></article>\n",
            escape(&mail.subject),
            escape(&mail.from),
            escape(&mail.to.join(", ")),
            escape(&sent),
            escape(mail.text.as_deref().or(mail.html.as_deref()).unwrap_or_default()),
        ));
    }
    page
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_cannot_write_html_into_the_page() {
        let mail = Mail {
            id: "1".into(),
            sent_at: 0,
            from: "a@example.com".into(),
            to: vec!["b@example.com".into()],
            subject: "<script>alert(1)</script>".into(),
            text: None,
            html: Some("<b>\"hi\" & bye</b>".into()),
        };
        let page = page(&[mail]);
        assert!(!page.contains("<script>") && page.contains("&lt;script&gt;"));
        assert!(page.contains("&lt;b&gt;&quot;hi&quot; &amp; bye&lt;/b&gt;"));
        assert!(page.contains("1970-01-01T00:00:00Z"));
    }
}
