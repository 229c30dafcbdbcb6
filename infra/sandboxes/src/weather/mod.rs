//! Made-up weather, and the two services that tell it.

mod climate;
mod open_meteo;
mod openweather;
mod sun;

pub(crate) use open_meteo::OpenMeteo;
pub(crate) use openweather::OpenWeather;
