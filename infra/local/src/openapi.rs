//! The description of the whole product, put together from what each function says of itself.

use utoipa::openapi::{ContactBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, ServerBuilder};

use crate::FUNCTIONS;

/// Every operation of the product.
pub fn openapi() -> OpenApi {
    let info = InfoBuilder::new()
        .title("TripSage")
        .version("v1")
        .description(Some(
            "Plan trips together. Every answer is one envelope; errors name the field and the rule. To try an operation \
             on this page, press Authorize and log in with your e-mail address and password.",
        ))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .contact(Some(ContactBuilder::new().name(Some("TripSage")).build()))
        .build();
    let server = ServerBuilder::new().url("/").description(Some("This product")).build();
    let mut document = OpenApiBuilder::new().info(info).servers(Some([server])).build();
    for function in FUNCTIONS {
        document.merge((function.openapi)());
    }
    document
}
