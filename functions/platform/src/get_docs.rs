//! The interactive documentation: Swagger UI, with its files inside the binary.

use std::sync::{Arc, LazyLock};

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use http::{HeaderValue, header};
use tripsage_http::ApiError;
use utoipa_swagger_ui::Config;

/// What the page needs and nothing more: its own files, its inline styles and pictures, and calls of this API.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/docs", get(|| async { Redirect::permanent("/docs/") }))
        .route("/docs/", get(|| async { file("index.html") }))
        .route(
            "/docs/{*file}",
            get(|Path(path): Path<String>| async move { file(&path) }),
        )
}

fn file(path: &str) -> Response {
    static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
        let config = Config::from("/openapi.json");
        Arc::new(
            config
                .display_request_duration(true)
                .persist_authorization(true)
                .try_it_out_enabled(true)
                .filter(true),
        )
    });
    match utoipa_swagger_ui::serve(path, Arc::clone(&CONFIG)) {
        Ok(Some(file)) => {
            let kind = HeaderValue::from_str(&file.content_type);
            let headers = [
                (
                    header::CONTENT_TYPE,
                    kind.unwrap_or(HeaderValue::from_static("application/octet-stream")),
                ),
                (header::CONTENT_SECURITY_POLICY, POLICY),
                (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
            ];
            (headers, file.bytes.into_owned()).into_response()
        }
        Ok(None) => ApiError::not_found("file").into_response(),
        Err(error) => ApiError::internal(error).into_response(),
    }
}
