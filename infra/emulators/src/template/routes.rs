//! The route table of an HTTP API, and its rules for choosing a route.

use super::intrinsics::Resolver;
use super::{Function, TemplateError};

/// One route of the HTTP API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method in upper case, or `None` for `ANY`.
    pub method: Option<String>,
    /// For example `/api/v1/trips/{proxy+}`; `$default` for the route that takes everything else.
    pub path: String,
    /// The binary of the function behind it.
    pub function: String,
}

impl Route {
    /// The route key as API Gateway writes it: `GET /trips`, `ANY /trips/{proxy+}`, `$default`.
    pub fn key(&self) -> String {
        if self.path == "$default" {
            return self.path.clone();
        }
        format!("{} {}", self.method.as_deref().unwrap_or("ANY"), self.path)
    }

    /// How specific the route is for a path that it matches, most specific first; `None` when it does not match.
    fn rank(&self, path: &str) -> Option<Vec<Specificity>> {
        if self.path == "$default" {
            return Some(vec![Specificity::Default]);
        }
        let mut rank = Vec::new();
        let mut segments = path.split('/');
        for pattern in self.path.split('/') {
            if pattern.starts_with('{') && pattern.ends_with("+}") {
                // A greedy variable takes the rest of the path, which must not be empty.
                segments.next().filter(|first| !first.is_empty())?;
                rank.push(Specificity::Greedy);
                return Some(rank);
            }
            let segment = segments.next()?;
            if pattern.starts_with('{') && pattern.ends_with('}') {
                (!segment.is_empty()).then_some(())?;
                rank.push(Specificity::Variable);
            } else {
                (pattern == segment).then_some(())?;
                rank.push(Specificity::Literal);
            }
        }
        segments.next().is_none().then_some(rank)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Specificity {
    Literal,
    Variable,
    Greedy,
    Default,
}

/// The routes of an HTTP API.
#[derive(Debug, Clone, Default)]
pub struct RouteTable {
    routes: Vec<Route>,
}

impl RouteTable {
    /// A table over these routes.
    pub fn new(routes: Vec<Route>) -> Self {
        Self { routes }
    }

    /// Every route.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The route that API Gateway chooses: literal segments before path variables before a greedy variable before
    /// `$default`, and on the same path a named method before `ANY`.
    ///
    /// Source: "Working with routes for HTTP APIs" in the API Gateway developer guide.
    pub fn find(&self, method: &str, path: &str) -> Option<&Route> {
        self.routes
            .iter()
            .filter(|route| route.method.as_deref().is_none_or(|own| own == method))
            .filter_map(|route| Some((route.rank(path)?, route.method.is_none(), route)))
            .min_by(|left, right| (&left.0, left.1).cmp(&(&right.0, right.1)))
            .map(|(_, _, route)| route)
    }
}

pub(super) fn of(resolver: &Resolver, functions: &[Function]) -> Result<RouteTable, TemplateError> {
    let mut routes: Vec<Route> = Vec::new();
    for (id, resource) in resolver.resources("AWS::Serverless::Function")? {
        let Some(function) = functions.iter().find(|function| function.logical_id == id) else {
            continue;
        };
        for (event, definition) in resource["Properties"]["Events"].as_object().into_iter().flatten() {
            if definition["Type"] != "HttpApi" {
                continue;
            }
            let at = format!("Resources.{id}.Properties.Events.{event}.Properties");
            let text = |name: &str| {
                let value = definition["Properties"].get(name);
                value
                    .map(|value| resolver.text(&format!("{at}.{name}"), value))
                    .transpose()
            };
            let path = text("Path")?.unwrap_or_else(|| "$default".to_owned());
            if !path.starts_with('/') && path != "$default" {
                return Err(TemplateError::new(
                    format!("{at}.Path"),
                    format!("{path:?} does not start with /"),
                ));
            }
            let method = text("Method")?.map(|method| method.to_uppercase());
            let method =
                method.filter(|method| !matches!(method.as_str(), "ANY" | "*" | "X-AMAZON-APIGATEWAY-ANY-METHOD"));
            let route = Route {
                method,
                path,
                function: function.binary.clone(),
            };
            if let Some(twin) = routes.iter().find(|other| other.key() == route.key()) {
                let reason = format!("{} is already a route of {}", route.key(), twin.function);
                return Err(TemplateError::new(at, reason));
            }
            routes.push(route);
        }
    }
    Ok(RouteTable::new(routes))
}
