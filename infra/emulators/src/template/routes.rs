//! The route table of an HTTP API, and its rules for choosing a route.

use std::collections::BTreeMap;

use serde_json::json;

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

/// Reads the routes, each with the function that its integration names.
pub(super) fn of(resolver: &Resolver, functions: &[Function]) -> Result<RouteTable, TemplateError> {
    refuse_sam_events(resolver)?;
    let integrations = integrations(resolver, functions)?;
    let mut routes: Vec<Route> = Vec::new();
    for (id, resource) in resolver.resources("AWS::ApiGatewayV2::Route")? {
        let at = format!("Resources.{id}.Properties");
        let text = |name: &str| resolver.text(&format!("{at}.{name}"), &resource["Properties"][name]);
        let (method, path) = route_key(&format!("{at}.RouteKey"), &text("RouteKey")?)?;
        let target = text("Target")?;
        let function = target
            .strip_prefix("integrations/")
            .and_then(|integration| integrations.get(integration))
            .ok_or_else(|| {
                let reason =
                    format!("{target:?} is not integrations/ and the Ref of an AWS::ApiGatewayV2::Integration");
                TemplateError::new(format!("{at}.Target"), reason)
            })?;
        let route = Route {
            method,
            path,
            function: function.clone(),
        };
        if let Some(twin) = routes.iter().find(|other| other.key() == route.key()) {
            let reason = format!("{} is already a route of {}", route.key(), twin.function);
            return Err(TemplateError::new(at, reason));
        }
        routes.push(route);
    }
    Ok(RouteTable::new(routes))
}

/// `$default`, or a method and a path.
fn route_key(at: &str, key: &str) -> Result<(Option<String>, String), TemplateError> {
    if key == "$default" {
        return Ok((None, key.to_owned()));
    }
    match key.split_once(' ') {
        Some((method, path)) if path.starts_with('/') && method.bytes().all(|b| b.is_ascii_uppercase()) => {
            Ok(((method != "ANY").then(|| method.to_owned()), path.to_owned()))
        }
        _ => Err(TemplateError::new(
            at,
            format!("{key:?} is neither $default nor a method in upper case and a path"),
        )),
    }
}

/// The binary behind each integration, by what `Ref` of the integration gives.
fn integrations(resolver: &Resolver, functions: &[Function]) -> Result<BTreeMap<String, String>, TemplateError> {
    let mut found = BTreeMap::new();
    for (id, resource) in resolver.resources("AWS::ApiGatewayV2::Integration")? {
        let at = format!("Resources.{id}.Properties");
        let text = |name: &str| resolver.text(&format!("{at}.{name}"), &resource["Properties"][name]);
        for (property, only) in [("IntegrationType", "AWS_PROXY"), ("PayloadFormatVersion", "2.0")] {
            let value = text(property)?;
            if value != only {
                let reason = format!("the local cloud knows {only} only, not {value:?}");
                return Err(TemplateError::new(format!("{at}.{property}"), reason));
            }
        }
        let uri = text("IntegrationUri")?;
        let mut binary = None;
        for function in functions {
            let arn = resolver.text(&at, &json!({ "Fn::GetAtt": [function.logical_id, "Arn"] }))?;
            // Either the function's ARN, or the path of Lambda's Invoke operation around it.
            if uri == arn || uri.ends_with(&format!("/functions/{arn}/invocations")) {
                binary = Some(function.binary.clone());
            }
        }
        let reference = resolver.text(&at, &json!({ "Ref": id }))?;
        let binary = binary.ok_or_else(|| {
            TemplateError::new(
                format!("{at}.IntegrationUri"),
                format!("{uri:?} is not the Arn of a function of this template"),
            )
        })?;
        found.insert(reference, binary);
    }
    Ok(found)
}

/// The template declares its routes; SAM's own way to do it would go unnoticed here.
fn refuse_sam_events(resolver: &Resolver) -> Result<(), TemplateError> {
    for (id, resource) in resolver.resources("AWS::Serverless::Function")? {
        for (event, definition) in resource["Properties"]["Events"].as_object().into_iter().flatten() {
            if definition["Type"] == "HttpApi" {
                return Err(TemplateError::new(
                    format!("Resources.{id}.Properties.Events.{event}"),
                    "HttpApi events are not read: declare an AWS::ApiGatewayV2::Route",
                ));
            }
        }
    }
    Ok(())
}
