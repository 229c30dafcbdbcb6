//! The `projector` Lambda function.

use lambda_runtime::{LambdaEvent, service_fn};
use projector::{Batch, Projector, handle};
use tripsage_runtime::Runtime;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let projector = Projector::new(&Runtime::of_this_process("projector")?);
    let run = async |event: LambdaEvent<Batch>| {
        handle(&projector, event.payload)
            .await
            .map_err(|error| error.to_string())
    };
    lambda_runtime::run(service_fn(run)).await
}
