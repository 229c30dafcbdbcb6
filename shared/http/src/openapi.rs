use std::collections::BTreeMap;

use utoipa::{
    IntoResponses, OpenApi, ToSchema,
    openapi::{
        Content, OpenApi as Document, Ref, RefOr, Response, ResponseBuilder,
        security::{Flow, Http, HttpAuthScheme, OAuth2, Password, Scopes, SecurityRequirement, SecurityScheme},
    },
};

use crate::{Code, ErrorBody};

/// The errors that any operation may answer with; one `Errors` in its `responses(..)` declares them all.
pub struct Errors;

/// The codes of each status.
fn statuses() -> BTreeMap<u16, Vec<&'static str>> {
    let mut statuses: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in Code::ALL {
        statuses.entry(code.status().as_u16()).or_default().push(code.name());
    }
    statuses
}

/// Under what name the response of a status is described, once for all operations.
fn response_name(status: u16) -> String {
    format!("Error{status}")
}

impl IntoResponses for Errors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let response = |status: u16| RefOr::Ref(Ref::from_response_name(response_name(status)));
        statuses()
            .into_keys()
            .map(|status| (status.to_string(), response(status)))
            .collect()
    }
}

#[derive(OpenApi)]
#[openapi(components(schemas(ErrorBody, crate::ErrorDetails, crate::FieldError)))]
struct Shared;

/// Completes the description of a function's operations with what all functions share: the schema of errors and the
/// ways to present a credential.
pub fn describe(mut document: Document) -> Document {
    document.merge(Shared::openapi());
    // Whoever logs in on the documentation page has an access token as well.
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.patch,
            &mut item.delete,
        ];
        for operation in operations.into_iter().flatten() {
            if let Some(ways) = &mut operation.security {
                ways.push(SecurityRequirement::new("password", std::iter::empty::<String>()));
            }
        }
    }
    let components = document.components.get_or_insert_default();
    for (status, codes) in statuses() {
        let schema = RefOr::Ref(Ref::from_schema_name(ErrorBody::name()));
        let response = ResponseBuilder::new()
            .description(codes.join(", "))
            .content("application/json", Content::new(Some(schema)))
            .build();
        components.responses.insert(response_name(status), RefOr::T(response));
    }
    components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    components.add_security_scheme(
        "password",
        SecurityScheme::OAuth2(OAuth2::new([Flow::Password(Password::new(
            "/api/v1/auth/token",
            Scopes::new(),
        ))])),
    );
    document
}
