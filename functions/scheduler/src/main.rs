//! The `scheduler` Lambda function.

use lambda_runtime::{LambdaEvent, service_fn};
use scheduler::{Event, Scheduler, handle};
use tripsage_runtime::Runtime;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let scheduler = Scheduler::new(&Runtime::of_this_process("scheduler")?);
    let run = async |event: LambdaEvent<Event>| {
        handle(&scheduler, event.payload)
            .await
            .map_err(|error| error.to_string())
    };
    lambda_runtime::run(service_fn(run)).await
}
