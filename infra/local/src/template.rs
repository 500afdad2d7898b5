//! Reads a CloudFormation template: parameters, references, and the intrinsic functions that this
//! stack uses. Anything else is an error that names it and its place.
//!
//! Source: CloudFormation Template Reference, "Intrinsic function reference" and "Pseudo
//! parameters".

use std::fmt::Write;

use serde_json::{Map, Value};

/// The account and the region of a local stack.
pub const ACCOUNT: &str = "000000000000";
pub const REGION: &str = "us-east-1";

#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("{at}: the local run does not support the intrinsic function {name}")]
    UnknownIntrinsic { at: String, name: String },
    #[error("{at}: the local run does not support {name} of {kind}")]
    UnknownReference { at: String, name: String, kind: String },
    #[error("{at}: there is no resource or parameter {name}")]
    Dangling { at: String, name: String },
    #[error("{at}: expected {expected}")]
    Unexpected { at: String, expected: &'static str },
}

type Result<T> = std::result::Result<T, TemplateError>;

/// A template and the name of its stack.
#[derive(Debug, Clone, Copy)]
pub struct Template<'a> {
    root: &'a Value,
    stack_name: &'a str,
}

/// One resource of a template.
#[derive(Debug, Clone, Copy)]
pub struct Resource<'a> {
    template: Template<'a>,
    pub logical_id: &'a str,
    pub kind: &'a str,
    body: &'a Value,
}

impl<'a> Template<'a> {
    pub fn new(root: &'a Value, stack_name: &'a str) -> Self {
        Self { root, stack_name }
    }

    /// All resources, in the order of their logical ids.
    pub fn resources(self) -> impl Iterator<Item = Resource<'a>> {
        self.section("Resources").into_iter().flatten().map(move |(logical_id, body)| Resource {
            template: self,
            logical_id,
            kind: body["Type"].as_str().unwrap_or_default(),
            body,
        })
    }

    /// The resources of a type.
    pub fn of_kind(self, kind: &str) -> impl Iterator<Item = Resource<'a>> {
        self.resources().filter(move |resource| resource.kind == kind)
    }

    /// The value of an output, or `None` if there is no such output.
    pub fn output(self, name: &str) -> Result<Option<String>> {
        let Some(output) = self.section("Outputs").and_then(|outputs| outputs.get(name)) else {
            return Ok(None);
        };
        let at = format!("Outputs.{name}.Value");
        string(self.resolve(&output["Value"], &at)?, &at).map(Some)
    }

    fn section(self, name: &str) -> Option<&'a Map<String, Value>> {
        self.root.get(name).and_then(Value::as_object)
    }

    fn resource(self, logical_id: &str) -> Option<Resource<'a>> {
        let (logical_id, body) = self.section("Resources")?.get_key_value(logical_id)?;
        let kind = body["Type"].as_str().unwrap_or_default();
        Some(Resource { template: self, logical_id, kind, body })
    }

    /// Evaluates all intrinsic functions in a value. `at` is its place in the template, for errors.
    fn resolve(self, value: &Value, at: &str) -> Result<Value> {
        match value {
            Value::Array(items) => items
                .iter()
                .enumerate()
                .filter(|(_, item)| !is_no_value(item))
                .map(|(index, item)| self.resolve(item, &format!("{at}[{index}]")))
                .collect(),
            Value::Object(members) => match intrinsic(members) {
                Some((name, argument)) => self.call(name, argument, at),
                None => members
                    .iter()
                    .filter(|(_, member)| !is_no_value(member))
                    .map(|(name, member)| {
                        Ok((name.clone(), self.resolve(member, &format!("{at}.{name}"))?))
                    })
                    .collect(),
            },
            scalar => Ok(scalar.clone()),
        }
    }

    fn call(self, name: &str, argument: &Value, at: &str) -> Result<Value> {
        match name {
            "Ref" => self.reference(&text(argument, at)?, at).map(Value::String),
            "Fn::GetAtt" => {
                let (resource, attribute) = match argument {
                    Value::String(path) => path.split_once('.'),
                    Value::Array(parts) => match parts.as_slice() {
                        [Value::String(resource), Value::String(attribute)] => {
                            Some((resource.as_str(), attribute.as_str()))
                        }
                        _ => None,
                    },
                    _ => None,
                }
                .ok_or_else(|| unexpected(at, "a resource and an attribute"))?;
                self.attribute(resource, attribute, at).map(Value::String)
            }
            "Fn::Join" => {
                let [separator, parts] = pair(argument, at)?;
                let separator = text(separator, at)?;
                let parts = self.strings(parts, at)?;
                Ok(Value::String(parts.join(&separator)))
            }
            "Fn::Split" => {
                let [separator, whole] = pair(argument, at)?;
                let separator = text(separator, at)?;
                let whole = string(self.resolve(whole, at)?, at)?;
                Ok(whole.split(&separator).map(Value::from).collect())
            }
            "Fn::Select" => {
                let [index, list] = pair(argument, at)?;
                let index = index
                    .as_u64()
                    .or_else(|| index.as_str()?.parse().ok())
                    .and_then(|index| usize::try_from(index).ok())
                    .ok_or_else(|| unexpected(at, "an index"))?;
                self.strings(list, at)?
                    .into_iter()
                    .nth(index)
                    .map(Value::String)
                    .ok_or_else(|| unexpected(at, "an index within the list"))
            }
            "Fn::Sub" => match argument {
                Value::String(pattern) => self.substitute(pattern, None, at),
                _ => {
                    let [pattern, variables] = pair(argument, at)?;
                    self.substitute(&text(pattern, at)?, variables.as_object(), at)
                }
            }
            .map(Value::String),
            _ => Err(TemplateError::UnknownIntrinsic { at: at.to_owned(), name: name.to_owned() }),
        }
    }

    /// Replaces `${Name}`, `${Resource.Attribute}` and the variables of a `Fn::Sub`; `${!x}` is a
    /// literal.
    fn substitute(
        self,
        pattern: &str,
        variables: Option<&Map<String, Value>>,
        at: &str,
    ) -> Result<String> {
        let mut result = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) =
                after.split_once('}').ok_or_else(|| unexpected(at, "a closed ${"))?;
            result.push_str(before);
            if let Some(literal) = name.strip_prefix('!') {
                // Writing to a string does not fail.
                let _ = write!(result, "${{{literal}}}");
            } else if let Some(value) = variables.and_then(|variables| variables.get(name)) {
                result.push_str(&string(self.resolve(value, at)?, at)?);
            } else if let Some((resource, attribute)) = name.split_once('.') {
                result.push_str(&self.attribute(resource, attribute, at)?);
            } else {
                result.push_str(&self.reference(name, at)?);
            }
            rest = after;
        }
        result.push_str(rest);
        Ok(result)
    }

    fn strings(self, list: &Value, at: &str) -> Result<Vec<String>> {
        match self.resolve(list, at)? {
            Value::Array(items) => items.into_iter().map(|item| string(item, at)).collect(),
            _ => Err(unexpected(at, "a list")),
        }
    }

    /// `Ref`: a pseudo parameter, a parameter's default, or a resource's physical id.
    fn reference(self, name: &str, at: &str) -> Result<String> {
        let pseudo = match name {
            "AWS::AccountId" => Some(ACCOUNT),
            "AWS::Partition" => Some("aws"),
            "AWS::Region" => Some(REGION),
            "AWS::StackName" => Some(self.stack_name),
            "AWS::URLSuffix" => Some("amazonaws.com"),
            _ => None,
        };
        if let Some(value) = pseudo {
            return Ok(value.to_owned());
        }
        if let Some(parameter) = self.section("Parameters").and_then(|all| all.get(name)) {
            let default = parameter["Default"].clone();
            return string(default, &format!("Parameters.{name}.Default"));
        }
        let resource = self
            .resource(name)
            .ok_or_else(|| TemplateError::Dangling { at: at.to_owned(), name: name.to_owned() })?;
        match resource.kind {
            "AWS::DynamoDB::Table"
            | "AWS::Lambda::Function"
            | "AWS::ApiGatewayV2::Api"
            | "AWS::ApiGatewayV2::Authorizer"
            | "AWS::ApiGatewayV2::Integration"
            | "AWS::IAM::Role"
            | "AWS::S3::Bucket"
            | "AWS::CloudFront::CachePolicy"
            | "AWS::CloudFront::Distribution"
            | "AWS::CloudFront::ResponseHeadersPolicy" => Ok(resource.physical_id()),
            _ => Err(unknown_reference(at, "Ref", resource)),
        }
    }

    /// `Fn::GetAtt`.
    fn attribute(self, logical_id: &str, attribute: &str, at: &str) -> Result<String> {
        let resource = self.resource(logical_id).ok_or_else(|| TemplateError::Dangling {
            at: at.to_owned(),
            name: logical_id.to_owned(),
        })?;
        let id = resource.physical_id();
        match (resource.kind, attribute) {
            ("AWS::Lambda::Function", "Arn") => {
                Ok(format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{id}"))
            }
            ("AWS::DynamoDB::Table", "Arn") => {
                Ok(format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{id}"))
            }
            ("AWS::IAM::Role", "Arn") => Ok(format!("arn:aws:iam::{ACCOUNT}:role/{id}")),
            ("AWS::CloudFront::Function", "FunctionARN") => {
                Ok(format!("arn:aws:cloudfront::{ACCOUNT}:function/{id}"))
            }
            _ => Err(unknown_reference(at, attribute, resource)),
        }
    }
}

impl<'a> Resource<'a> {
    /// The resource's name: the one in the template, or else one that does not change between runs.
    pub fn physical_id(self) -> String {
        let given = match self.kind {
            "AWS::DynamoDB::Table" => self.body.pointer("/Properties/TableName"),
            "AWS::Lambda::Function" => self.body.pointer("/Properties/FunctionName"),
            "AWS::IAM::Role" => self.body.pointer("/Properties/RoleName"),
            _ => None,
        };
        match given.and_then(Value::as_str) {
            Some(name) => name.to_owned(),
            None => format!("{}-{}", self.template.stack_name, self.logical_id),
        }
    }

    /// A short name for people: the construct's id, as CDK records it.
    pub fn label(self) -> &'a str {
        self.body
            .pointer("/Metadata/aws:cdk:path")
            .and_then(Value::as_str)
            .and_then(|path| path.rsplit('/').find(|id| !matches!(*id, "Resource" | "Function")))
            .unwrap_or(self.logical_id)
    }

    /// A property, resolved; `Null` when absent. `path` goes into nested members by dots.
    pub fn property(self, path: &str) -> Result<Value> {
        if self.body.get("Condition").is_some() {
            return Err(TemplateError::UnknownIntrinsic {
                at: format!("Resources.{}", self.logical_id),
                name: "Condition".into(),
            });
        }
        match self.unresolved(path) {
            None => Ok(Value::Null),
            Some(value) if is_no_value(value) => Ok(Value::Null),
            Some(value) => self.template.resolve(value, &self.place(path)),
        }
    }

    /// A property that must be a string.
    pub fn string(self, path: &str) -> Result<String> {
        string(self.property(path)?, &self.place(path))
    }

    /// A property that may be a whole number; CloudFormation also takes one as a string.
    pub fn number(self, path: &str) -> Result<Option<u64>> {
        match self.property(path)? {
            Value::Null => Ok(None),
            value => value
                .as_u64()
                .or_else(|| value.as_str()?.parse().ok())
                .map(Some)
                .ok_or_else(|| unexpected(&self.place(path), "a whole number")),
        }
    }

    /// A property that is a list of strings; empty when absent.
    pub fn strings(self, path: &str) -> Result<Vec<String>> {
        match self.property(path)? {
            Value::Null => Ok(Vec::new()),
            Value::Array(items) => {
                items.into_iter().map(|item| string(item, &self.place(path))).collect()
            }
            _ => Err(unexpected(&self.place(path), "a list")),
        }
    }

    /// The paths of a list's items. A value that is no list counts as a list of one, as in IAM's
    /// documents.
    pub fn items(self, path: &str) -> Vec<String> {
        match self.unresolved(path) {
            None => Vec::new(),
            Some(Value::Array(items)) => {
                (0..items.len()).map(|at| format!("{path}.{at}")).collect()
            }
            Some(_) => vec![path.to_owned()],
        }
    }

    /// The names of an object's members; empty for another value.
    pub fn members(self, path: &str) -> impl Iterator<Item = &'a str> {
        self.unresolved(path)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, _)| &**name)
    }

    fn unresolved(self, path: &str) -> Option<&'a Value> {
        self.body.pointer(&format!("/Properties/{}", path.replace('.', "/")))
    }

    /// Where a property stands, for errors.
    pub fn place(self, path: &str) -> String {
        format!("Resources.{}.Properties.{path}", self.logical_id)
    }
}

/// The one member of an object that is an intrinsic function.
fn intrinsic(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut members = members.iter();
    match (members.next(), members.next()) {
        (Some((name, argument)), None)
            if name == "Ref" || name == "Condition" || name.starts_with("Fn::") =>
        {
            Some((name, argument))
        }
        _ => None,
    }
}

fn is_no_value(value: &Value) -> bool {
    value.get("Ref").and_then(Value::as_str) == Some("AWS::NoValue")
}

fn pair<'v>(argument: &'v Value, at: &str) -> Result<&'v [Value; 2]> {
    argument
        .as_array()
        .and_then(|items| items.as_slice().try_into().ok())
        .ok_or_else(|| unexpected(at, "two arguments"))
}

fn text(value: &Value, at: &str) -> Result<String> {
    string(value.clone(), at)
}

/// A resolved value as CloudFormation passes it to a property that is a string.
fn string(value: Value, at: &str) -> Result<String> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(unexpected(at, "a string")),
    }
}

fn unexpected(at: &str, expected: &'static str) -> TemplateError {
    TemplateError::Unexpected { at: at.to_owned(), expected }
}

fn unknown_reference(at: &str, name: &str, resource: Resource<'_>) -> TemplateError {
    TemplateError::UnknownReference {
        at: at.to_owned(),
        name: name.to_owned(),
        kind: format!("{} ({})", resource.logical_id, resource.kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Resolves `value` as the property `V` of a resource in a small stack.
    fn resolved(value: &Value) -> std::result::Result<Value, String> {
        let root = json!({
            "Parameters": { "P": { "Type": "String", "Default": "d" } },
            "Resources": {
                "T": { "Type": "AWS::DynamoDB::Table" },
                "F": { "Type": "AWS::Lambda::Function" },
                "Q": { "Type": "AWS::SQS::Queue" },
                "X": { "Type": "Test", "Properties": { "V": value } },
            },
        });
        let template = Template::new(&root, "s");
        let resource = template.resource("X").unwrap();
        resource.property("V").map_err(|error| error.to_string())
    }

    #[test]
    fn intrinsic_functions_are_evaluated() {
        for (value, expected) in [
            (json!("plain"), json!("plain")),
            (json!({ "Ref": "P" }), json!("d")),
            (json!({ "Ref": "T" }), json!("s-T")),
            (json!({ "Ref": "AWS::Region" }), json!(REGION)),
            (json!({ "Fn::Join": ["/", ["a", { "Ref": "T" }, "c"]] }), json!("a/s-T/c")),
            (json!({ "Fn::Select": ["1", { "Fn::Split": ["-", "a-b"] }] }), json!("b")),
            (json!({ "Fn::Sub": "x-${AWS::Region}-${T}-${!no}" }), json!("x-us-east-1-s-T-${no}")),
            (json!({ "Fn::Sub": ["${v}${P}", { "v": { "Ref": "T" } }] }), json!("s-Td")),
            (
                json!({ "Fn::GetAtt": ["F", "Arn"] }),
                json!("arn:aws:lambda:us-east-1:000000000000:function:s-F"),
            ),
            (json!({ "a": { "Ref": "AWS::NoValue" }, "b": [1] }), json!({ "b": [1] })),
            (json!({ "Ref": "AWS::NoValue" }), Value::Null),
        ] {
            assert_eq!(resolved(&value).as_ref(), Ok(&expected), "{value}");
        }
    }

    #[test]
    fn errors_name_the_unsupported_part_and_its_place() {
        for (value, expected) in [
            (
                json!({ "a": [{ "Fn::ImportValue": "x" }] }),
                "Resources.X.Properties.V.a[0]: the local run does not support the intrinsic \
                 function Fn::ImportValue",
            ),
            (
                json!({ "Fn::GetAtt": ["Q", "Arn"] }),
                "Resources.X.Properties.V: the local run does not support Arn of Q \
                 (AWS::SQS::Queue)",
            ),
            (
                json!({ "Ref": "Q" }),
                "Resources.X.Properties.V: the local run does not support Ref of Q \
                 (AWS::SQS::Queue)",
            ),
            (
                json!({ "Ref": "Nobody" }),
                "Resources.X.Properties.V: there is no resource or parameter Nobody",
            ),
            (json!({ "Fn::Sub": "${T" }), "Resources.X.Properties.V: expected a closed ${"),
            (json!({ "Fn::Join": ["-"] }), "Resources.X.Properties.V: expected two arguments"),
        ] {
            assert_eq!(resolved(&value), Err(expected.to_owned()), "{value}");
        }
    }
}
