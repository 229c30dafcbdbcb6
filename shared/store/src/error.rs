use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

/// Why DynamoDB did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The condition of a write did not hold. Which one: the label given to it in the transaction.
    #[error("the condition of the write `{0}` did not hold")]
    Conflict(&'static str),
    /// Too much at once, or another transaction was in the way; worth another try later.
    #[error("throttled: {0}")]
    Throttled(String),
    /// What is stored is not what this version of the program stores.
    #[error("stored item cannot be read: {0}")]
    Corrupt(String),
    /// DynamoDB did not answer, or refused.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl StoreError {
    /// Whether it is the conflict of this write.
    pub fn is_conflict(&self, label: &str) -> bool {
        matches!(self, Self::Conflict(conflicting) if *conflicting == label)
    }

    pub(crate) fn from_sdk<E, R>(error: SdkError<E, R>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let throttled = matches!(
            error.code(),
            Some(
                "ProvisionedThroughputExceededException"
                    | "RequestLimitExceeded"
                    | "ThrottlingException"
                    | "TransactionConflictException"
                    | "TransactionInProgressException"
            )
        );
        let text = DisplayErrorContext(&error).to_string();
        if throttled {
            Self::Throttled(text)
        } else {
            Self::Unavailable(text)
        }
    }
}

impl From<serde_dynamo::Error> for StoreError {
    fn from(error: serde_dynamo::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}
