//! A person with an account.
