//! Reads the resources of a template that run here, into the types of the modules that run them.

mod roles;

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::Value;

use crate::assembly::Assembly;
use crate::gateway::authorizer::jwt::Jwt;
use crate::gateway::authorizer::lambda::{Lambda, Settings};
use crate::gateway::authorizer::{Authorizer, Issuer};
use crate::gateway::cors::Cors;
use crate::gateway::routes::RouteKey;
use crate::gateway::throttle::Limits;
use crate::gateway::{Api, Route, wildcard};
use crate::lambda::Function;
use crate::table::Table;
use crate::table::policy::Role;
use crate::template::{ACCOUNT, REGION, Resource, Template};
use crate::website::{HeadersPolicy, Site};

/// Resource types that a local run does not need: logs, alarms, and what CDK itself adds.
/// Resources of other types that are not run are listed at start.
const NOT_NEEDED: [&str; 19] = [
    "AWS::Budgets::Budget",
    "AWS::CDK::Metadata",
    "AWS::CloudFront::CachePolicy",
    "AWS::CloudFront::Function",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::LayerVersion",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "Custom::S3AutoDeleteObjects",
];

/// "Integration response timeout" (API Gateway Developer Guide, "Quotas for configuring and running
/// an HTTP API"; rows `integration-timeout*` of `tests/local/recorded-answers.json`).
const INTEGRATION_TIMEOUT_MS: u64 = 30_000;

/// A stack as it runs here.
#[derive(Debug)]
pub struct Stack {
    pub api: Api,
    /// The functions that the API's routes and authorizers call, by their names.
    pub functions: HashMap<String, Function>,
    /// Their roles.
    pub roles: HashMap<String, Role>,
    pub tables: Vec<Table>,
    pub site: Option<Site>,
    /// Resources of the template that this run ignores, as `id (type)`.
    pub ignored: Vec<String>,
}

/// A part of CORS that a run can do without, to test the other part alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum CorsPart {
    /// The API's `CorsConfiguration`: preflights fail, and browsers see the functions' own headers
    GatewayCors,
    /// The functions' variable `ALLOWED_ORIGINS`: they allow no origin
    AllowedOrigins,
}

impl Stack {
    /// Reads the stack of an assembly.
    pub fn read(assembly: &Assembly) -> Result<Self> {
        let template = Template::new(&assembly.template, &assembly.stack_name);
        let functions = template
            .of_kind("AWS::Lambda::Function")
            .map(|function| (arn(function), function))
            .collect::<HashMap<_, _>>();
        let (api, integrated) = read_api(template, &functions)?;
        let roles = integrated
            .iter()
            .map(|function| Ok((function.physical_id(), roles::of_function(template, *function)?)))
            .collect::<Result<_>>()?;
        let functions = integrated
            .into_iter()
            .map(|function| Ok((function.physical_id(), read_function(function, assembly)?)))
            .collect::<Result<_>>()?;
        let tables =
            template.of_kind("AWS::DynamoDB::Table").map(read_table).collect::<Result<_>>()?;
        let run_here = |kind: &str| {
            kind.starts_with("AWS::ApiGatewayV2::")
                || matches!(
                    kind,
                    "AWS::Lambda::Function"
                        | "AWS::Lambda::Permission"
                        | "AWS::DynamoDB::Table"
                        | "AWS::CloudFront::Distribution"
                        | "Custom::CDKBucketDeployment"
                )
        };
        Ok(Self {
            api,
            functions,
            roles,
            tables,
            site: read_site(template, assembly)?,
            ignored: template
                .resources()
                .filter(|r| !run_here(r.kind) && !NOT_NEEDED.contains(&r.kind))
                .map(|r| format!("{} ({})", r.logical_id, r.kind))
                .collect(),
        })
    }
}

impl std::fmt::Display for CorsPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::GatewayCors => "the gateway's CorsConfiguration",
            Self::AllowedOrigins => "the functions' ALLOWED_ORIGINS",
        })
    }
}

impl Stack {
    /// Removes a part of CORS.
    pub fn remove(&mut self, part: CorsPart) {
        match part {
            CorsPart::GatewayCors => self.api.cors = None,
            CorsPart::AllowedOrigins => {
                let variables = self.functions.values_mut().flat_map(|f| &mut f.environment);
                variables
                    .filter(|(name, _)| name == "ALLOWED_ORIGINS")
                    .for_each(|(_, value)| value.clear());
            }
        }
    }
}

fn arn(function: Resource<'_>) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}", function.physical_id())
}

/// The one resource of a type.
fn only<'a>(template: Template<'a>, kind: &str) -> Result<Resource<'a>> {
    let mut all = template.of_kind(kind);
    match (all.next(), all.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => bail!("the template has no {kind}"),
        (Some(_), Some(_)) => bail!("the template has more than one {kind}: only one can run here"),
    }
}

fn read_api<'a>(
    template: Template<'a>,
    functions: &HashMap<String, Resource<'a>>,
) -> Result<(Api, Vec<Resource<'a>>)> {
    let api = only(template, "AWS::ApiGatewayV2::Api")?;
    ensure!(api.string("ProtocolType")? == "HTTP", "{} is not HTTP", api.place("ProtocolType"));
    let stage = only(template, "AWS::ApiGatewayV2::Stage")?;
    ensure!(
        stage.property("RouteSettings")?.is_null(),
        "{} is not supported by the local run",
        stage.place("RouteSettings")
    );
    let stage_name = stage.string("StageName")?;
    let mut called = HashMap::new();
    let authorizers: HashMap<_, _> = template
        .of_kind("AWS::ApiGatewayV2::Authorizer")
        .map(|authorizer| {
            let read = read_authorizer(authorizer, functions, &mut called)?;
            Ok((authorizer.physical_id(), read))
        })
        .collect::<Result<_>>()?;
    let integrations: HashMap<_, _> =
        template.of_kind("AWS::ApiGatewayV2::Integration").map(|i| (i.physical_id(), i)).collect();
    let routes = template
        .of_kind("AWS::ApiGatewayV2::Route")
        .map(|route| {
            let target = route.string("Target")?;
            let integration = target
                .strip_prefix("integrations/")
                .and_then(|id| integrations.get(id))
                .with_context(|| format!("{}: no such integration", route.place("Target")))?;
            for (property, expected) in
                [("IntegrationType", "AWS_PROXY"), ("PayloadFormatVersion", "2.0")]
            {
                ensure!(
                    integration.string(property)? == expected,
                    "{} is not {expected}",
                    integration.place(property)
                );
            }
            let function =
                functions.get(&integration.string("IntegrationUri")?).with_context(|| {
                    format!("{}: no such function", integration.place("IntegrationUri"))
                })?;
            called.insert(function.logical_id, *function);
            let key = route.string("RouteKey")?;
            let key: RouteKey =
                key.parse().with_context(|| format!("{}: {key}", route.place("RouteKey")))?;
            let timeout = integration.number("TimeoutInMillis")?.unwrap_or(INTEGRATION_TIMEOUT_MS);
            Ok(Route {
                function: function.physical_id(),
                timeout: Duration::from_millis(timeout),
                permitted: is_permitted(template, api, &stage_name, &key, *function)?,
                authorizer: read_guard(route, &authorizers)?,
                key,
            })
        })
        .collect::<Result<_>>()?;
    let cors = api.property("CorsConfiguration")?;
    let api = Api {
        id: api.physical_id(),
        authority: listen_on(template, "ApiUrl")?.context("the template has no output ApiUrl")?,
        stage: stage_name,
        cors: (!cors.is_null())
            .then(|| Cors::from_properties(cors))
            .transpose()
            .with_context(|| api.place("CorsConfiguration"))?,
        limits: Limits::new(
            stage.number("DefaultRouteSettings.ThrottlingRateLimit")?,
            stage.number("DefaultRouteSettings.ThrottlingBurstLimit")?,
        ),
        routes,
        authorizers,
    };
    Ok((api, called.into_values().collect()))
}

/// Whether a resource policy lets the API invoke the function of a route (API Gateway Developer
/// Guide, "Create AWS Lambda proxy integrations for HTTP APIs", "Permissions").
fn is_permitted(
    template: Template<'_>,
    api: Resource<'_>,
    stage: &str,
    key: &RouteKey,
    function: Resource<'_>,
) -> Result<bool> {
    let (method, path) = key.method_and_path();
    let api = api.physical_id();
    let route = format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/{stage}/{method}{path}");
    for permission in template.of_kind("AWS::Lambda::Permission") {
        if permission.string("Principal")? != "apigateway.amazonaws.com" {
            continue;
        }
        let of = permission.string("FunctionName")?;
        let source = permission.property("SourceArn")?;
        if (of == function.physical_id() || of == arn(function))
            && wildcard::covers(&permission.string("Action")?, "lambda:InvokeFunction")
            && source.as_str().is_none_or(|source| wildcard::covers(source, &route))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn read_authorizer<'a>(
    authorizer: Resource<'a>,
    functions: &HashMap<String, Resource<'a>>,
    called: &mut HashMap<&'a str, Resource<'a>>,
) -> Result<Authorizer<String>> {
    let sources = authorizer
        .strings("IdentitySource")?
        .iter()
        .map(|source| source.parse().with_context(|| format!("the identity source {source}")))
        .collect::<Result<Vec<_>>>()
        .with_context(|| authorizer.place("IdentitySource"))?;
    match authorizer.string("AuthorizerType")?.as_str() {
        "JWT" => {
            let [source] = <[_; 1]>::try_from(sources).map_err(|_| {
                anyhow!("{}: a JWT authorizer has one", authorizer.place("IdentitySource"))
            })?;
            let issuer = Issuer::new(authorizer.string("JwtConfiguration.Issuer")?)
                .with_context(|| authorizer.place("JwtConfiguration.Issuer"))?;
            let audience = authorizer.strings("JwtConfiguration.Audience")?;
            Ok(Authorizer::Jwt(Jwt { source, issuer, audience }))
        }
        "REQUEST" => {
            let place = authorizer.place("AuthorizerPayloadFormatVersion");
            ensure!(
                authorizer.string("AuthorizerPayloadFormatVersion")? == "2.0",
                "{place} is not 2.0"
            );
            let uri = authorizer.string("AuthorizerUri")?;
            let function = uri
                .split_once("/functions/")
                .and_then(|(_, function)| function.strip_suffix("/invocations"))
                .and_then(|arn| functions.get(arn))
                .with_context(|| {
                    format!("{}: no such function", authorizer.place("AuthorizerUri"))
                })?;
            called.insert(function.logical_id, *function);
            let ttl = authorizer.number("AuthorizerResultTtlInSeconds")?.unwrap_or(0);
            let settings = Settings {
                sources,
                simple: authorizer.property("EnableSimpleResponses")? == true,
                ttl: Duration::from_secs(ttl),
            };
            Ok(Authorizer::Lambda(Lambda::new(function.physical_id(), settings)))
        }
        other => bail!("{}: {other} cannot run here", authorizer.place("AuthorizerType")),
    }
}

/// The authorizer of a route and its scopes.
fn read_guard(
    route: Resource<'_>,
    authorizers: &HashMap<String, Authorizer<String>>,
) -> Result<Option<(String, Vec<String>)>> {
    let kind = route.property("AuthorizationType")?;
    let place = || route.place("AuthorizationType");
    match kind.as_str().unwrap_or("NONE") {
        "NONE" => Ok(None),
        kind @ ("JWT" | "CUSTOM") => {
            let id = route.string("AuthorizerId")?;
            let authorizer = authorizers
                .get(&id)
                .with_context(|| format!("{}: no such authorizer", route.place("AuthorizerId")))?;
            let is_jwt = matches!(authorizer, Authorizer::Jwt(_));
            ensure!(is_jwt == (kind == "JWT"), "{}: the authorizer is of another type", place());
            Ok(Some((id, route.strings("AuthorizationScopes")?)))
        }
        other => bail!("{}: {other} cannot run here", place()),
    }
}

fn read_function(function: Resource<'_>, assembly: &Assembly) -> Result<Function> {
    let runtime = function.string("Runtime")?;
    ensure!(
        runtime.starts_with("provided."),
        "{}: {runtime} is not a custom runtime; no other can run here",
        function.place("Runtime")
    );
    let environment = match function.property("Environment.Variables")? {
        Value::Object(variables) => variables
            .into_iter()
            .map(|(name, value)| match value {
                Value::String(value) => Ok((name, value)),
                other => {
                    bail!("{}.{name}: {other} is not a string", function.place("Environment"))
                }
            })
            .collect::<Result<_>>()?,
        _ => Vec::new(),
    };
    let code = assembly
        .asset(&function.string("Code.S3Key")?)
        .with_context(|| function.place("Code"))?
        .to_owned();
    Ok(Function {
        name: function.physical_id(),
        label: function.label().to_owned(),
        arn: arn(function),
        code,
        handler: function.string("Handler")?,
        // Defaults: CloudFormation, AWS::Lambda::Function.
        memory: function.number("MemorySize")?.unwrap_or(128),
        timeout: Duration::from_secs(function.number("Timeout")?.unwrap_or(3)),
        reserved_concurrency: function
            .number("ReservedConcurrentExecutions")?
            .map(usize::try_from)
            .transpose()?,
        environment,
    })
}

fn read_table(table: Resource<'_>) -> Result<Table> {
    let name = table.physical_id();
    ensure!(
        table.property("ResourcePolicy")?.is_null(),
        "{} is not supported by the local run",
        table.place("ResourcePolicy")
    );
    let mut definition = serde_json::Map::from_iter([
        ("TableName".to_owned(), Value::from(name.clone())),
        // The engine needs a mode, and has no limits of capacity.
        ("BillingMode".to_owned(), Value::from("PAY_PER_REQUEST")),
    ]);
    for property in
        ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"]
    {
        let value = table.property(property)?;
        if !value.is_null() {
            definition.insert(property.to_owned(), value);
        }
    }
    Ok(Table { name, definition: definition.into() })
}

fn read_site(template: Template<'_>, assembly: &Assembly) -> Result<Option<Site>> {
    let Some(authority) = listen_on(template, "SiteUrl")? else { return Ok(None) };
    let distribution = only(template, "AWS::CloudFront::Distribution")?;
    let behavior = "DistributionConfig.DefaultCacheBehavior";
    let policy = distribution.string(&format!("{behavior}.ResponseHeadersPolicyId"))?;
    let policy = template
        .of_kind("AWS::CloudFront::ResponseHeadersPolicy")
        .find(|resource| resource.physical_id() == policy)
        .with_context(|| format!("{}: no such policy", distribution.place(behavior)))?;
    let mut site = Site::new(
        authority,
        HeadersPolicy::from_properties(policy.property("ResponseHeadersPolicyConfig")?)
            .with_context(|| policy.place("ResponseHeadersPolicyConfig"))?,
    );
    let caching = distribution.string(&format!("{behavior}.CachePolicyId"))?;
    let caching = template
        .of_kind("AWS::CloudFront::CachePolicy")
        .find(|resource| resource.physical_id() == caching)
        .with_context(|| format!("{}: no such cache policy", distribution.place(behavior)))?;
    let key = "CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin";
    site.compresses = distribution.property(&format!("{behavior}.Compress"))? == true
        && caching.property(&format!("{key}.EnableAcceptEncodingBrotli"))? == true;
    for function in template.of_kind("AWS::CloudFront::Function") {
        site.rewrite_with(&function.string("FunctionCode")?)
            .with_context(|| function.place("FunctionCode"))?;
    }
    site.keeps_old_files = true;
    for upload in template.of_kind("Custom::CDKBucketDeployment") {
        // CDK's default is to prune: to remove the files that are not part of this upload.
        site.keeps_old_files &= upload.property("Prune")? == false;
        let metadata = upload.property("SystemMetadata.cache-control")?;
        let sources = upload.strings("SourceObjectKeys")?;
        let markers = upload.property("SourceMarkers")?;
        for (index, key) in sources.iter().enumerate() {
            let folder = assembly.asset(key).with_context(|| upload.place("SourceObjectKeys"))?;
            let markers = markers.get(index).cloned().unwrap_or_default();
            site.add_folder(folder, metadata.as_str(), &markers)?;
        }
    }
    Ok(Some(site))
}

/// The `host:port` of an output that holds a URL of this machine.
fn listen_on(template: Template<'_>, output: &str) -> Result<Option<String>> {
    let Some(url) = template.output(output)? else { return Ok(None) };
    let authority = url.strip_prefix("http://").unwrap_or_default();
    // A URL omits the default port of its scheme.
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    ensure!(
        matches!(host, "localhost" | "127.0.0.1") && port.parse::<u16>().is_ok(),
        "the output {output} is {url}, not a port of this machine: synthesize the stage `local`"
    );
    Ok(Some(format!("{host}:{port}")))
}
