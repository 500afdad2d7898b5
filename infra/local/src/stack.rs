//! What of a template is run here, in the types of those who run it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::assembly::Assembly;
use crate::gateway::cors::Cors;
use crate::gateway::routes::RouteKey;
use crate::gateway::throttle::Limits;
use crate::template::{Resource, Template};
use crate::website::{HeadersPolicy, Site};

/// The types of resources that have no part in a local run: permissions, logs, and what CDK itself brings.
/// Any other type that is not run is named at start.
const WITHOUT_A_PART: [&str; 15] = [
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
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "Custom::S3AutoDeleteObjects",
];

/// A stack as it runs here.
#[derive(Debug)]
pub struct Stack {
    pub api: Api,
    /// The functions that the API's routes call, by their names.
    pub functions: HashMap<String, Function>,
    pub tables: Vec<Table>,
    pub site: Option<Site>,
    /// Resources that the template defines and this run leaves out, as `id (type)`.
    pub left_out: Vec<String>,
}

/// A half of CORS that a run can be started without, to see what the other one does alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Half {
    /// The API's `CorsConfiguration`: preflights have no answer, and the functions' own headers reach the browser
    GatewayCors,
    /// What the functions' `ALLOWED_ORIGINS` says: they name no origin
    AllowedOrigins,
}

/// An HTTP API with its `$default` stage.
#[derive(Debug)]
pub struct Api {
    pub id: String,
    /// `host:port`, from the output `ApiUrl`.
    pub authority: String,
    pub cors: Option<Cors>,
    pub limits: Limits,
    pub routes: Vec<Route>,
}

#[derive(Debug)]
pub struct Route {
    pub key: RouteKey,
    pub function: String,
    /// The integration's time limit.
    pub timeout: Duration,
}

/// A function on a custom runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    /// What the log calls it: the name of its binary's route.
    pub label: String,
    pub arn: String,
    /// The folder that holds `bootstrap`.
    pub code: PathBuf,
    pub handler: String,
    /// MB.
    pub memory: u64,
    pub timeout: Duration,
    /// How many requests it may handle at once; more are refused.
    pub reserved_concurrency: Option<usize>,
    pub environment: Vec<(String, String)>,
}

/// A table as the parameters of `CreateTable`.
#[derive(Debug)]
pub struct Table {
    pub name: String,
    pub definition: Value,
}

impl Stack {
    /// Reads the stack out of an assembly.
    pub fn read(assembly: &Assembly) -> Result<Self> {
        let template = Template::new(&assembly.template, &assembly.stack_name);
        let functions = template
            .of_kind("AWS::Lambda::Function")
            .map(|function| (arn(function), function))
            .collect::<HashMap<_, _>>();
        let (api, integrated) = read_api(template, &functions)?;
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
                        | "AWS::DynamoDB::Table"
                        | "AWS::CloudFront::Distribution"
                        | "Custom::CDKBucketDeployment"
                )
        };
        Ok(Self {
            api,
            functions,
            tables,
            site: read_site(template, assembly)?,
            left_out: template
                .resources()
                .filter(|r| !run_here(r.kind) && !WITHOUT_A_PART.contains(&r.kind))
                .map(|r| format!("{} ({})", r.logical_id, r.kind))
                .collect(),
        })
    }
}

impl std::fmt::Display for Half {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::GatewayCors => "the gateway's CorsConfiguration",
            Self::AllowedOrigins => "the functions' ALLOWED_ORIGINS",
        })
    }
}

impl Stack {
    /// Takes a half of CORS away. All else stays as the template says.
    pub fn take_away(&mut self, half: Half) {
        match half {
            Half::GatewayCors => self.api.cors = None,
            Half::AllowedOrigins => {
                let variables = self.functions.values_mut().flat_map(|f| &mut f.environment);
                variables
                    .filter(|(name, _)| name == "ALLOWED_ORIGINS")
                    .for_each(|(_, value)| value.clear());
            }
        }
    }
}

fn arn(function: Resource<'_>) -> String {
    use crate::template::{ACCOUNT, REGION};
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}", function.physical_id())
}

/// The one resource of a type.
fn only<'a>(template: Template<'a>, kind: &str) -> Result<Resource<'a>> {
    let mut all = template.of_kind(kind);
    match (all.next(), all.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => bail!("the template has no {kind}"),
        (Some(_), Some(_)) => bail!("the template has more than one {kind}: one is run here"),
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
        stage.string("StageName")? == "$default",
        "{} is not $default: its name would stand in every path",
        stage.place("StageName")
    );
    ensure!(
        stage.property("RouteSettings")?.is_null(),
        "{} is not known to the local run",
        stage.place("RouteSettings")
    );

    let integrations: HashMap<_, _> =
        template.of_kind("AWS::ApiGatewayV2::Integration").map(|i| (i.physical_id(), i)).collect();
    let mut integrated = HashMap::new();
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
            integrated.insert(function.logical_id, *function);
            let timeout = integration.number("TimeoutInMillis")?.unwrap_or(30_000);
            let key = route.string("RouteKey")?;
            Ok(Route {
                key: key.parse().with_context(|| format!("{}: {key}", route.place("RouteKey")))?,
                function: function.physical_id(),
                timeout: Duration::from_millis(timeout),
            })
        })
        .collect::<Result<_>>()?;
    let cors = api.property("CorsConfiguration")?;
    let api = Api {
        id: api.physical_id(),
        authority: listen_on(template, "ApiUrl")?.context("the template has no output ApiUrl")?,
        cors: (!cors.is_null())
            .then(|| Cors::from_properties(cors))
            .transpose()
            .with_context(|| api.place("CorsConfiguration"))?,
        limits: Limits::new(
            stage.number("DefaultRouteSettings.ThrottlingRateLimit")?,
            stage.number("DefaultRouteSettings.ThrottlingBurstLimit")?,
        ),
        routes,
    };
    Ok((api, integrated.into_values().collect()))
}

fn read_function(function: Resource<'_>, assembly: &Assembly) -> Result<Function> {
    let runtime = function.string("Runtime")?;
    ensure!(
        runtime.starts_with("provided."),
        "{}: {runtime} is not a custom runtime, which alone is run here",
        function.place("Runtime")
    );
    let environment = match function.property("Environment.Variables")? {
        Value::Object(variables) => variables
            .into_iter()
            .map(|(name, value)| match value {
                Value::String(value) => Ok((name, value)),
                other => bail!("{}.{name}: {other} is no string", function.place("Environment")),
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
    let mut definition = serde_json::Map::from_iter([
        ("TableName".to_owned(), Value::from(name.clone())),
        // The engine has no bill to send.
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
        // The resource removes what it does not upload, unless told not to.
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
    // A URL leaves out the port that its scheme implies.
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    ensure!(
        matches!(host, "localhost" | "127.0.0.1") && port.parse::<u16>().is_ok(),
        "the output {output} is {url}, not a port of this machine: synthesize the stage `local`"
    );
    Ok(Some(format!("{host}:{port}")))
}
