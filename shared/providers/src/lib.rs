//! Flights, stays, places and weather of others, over HTTP: with time-outs, few retries, and no trust.
