import { CfnOutput, type Environment, Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { type Artefacts, refuseDeployment } from "./artefacts.ts";
import { allowedOrigins } from "./cors.ts";
import { EventsApi } from "./events-api.ts";
import { EventsTable } from "./events-table.ts";
import { Monitoring } from "./monitoring.ts";
import { Members } from "./sign-in/members.ts";
import { namedProvider, pageSettings } from "./sign-in.ts";
import { Site } from "./site.ts";
import { makesUserPool } from "./stages/membership.ts";
import type { Stage } from "./stages.ts";

export interface EventsStackProps {
  /** The app's own name as people read it. The stack's name begins with its slug. */
  readonly title: string;
  readonly stage: Stage;
  readonly artefacts: Artefacts;
  /** Whether the stack does not exist yet: see `Settings`. */
  readonly firstDeploy: boolean;
  /** Account and region; absent: those of the credentials that deploy it. */
  readonly env?: Environment;
}

/**
 * The whole system. Site and API are two origins that need each other's address. The distribution
 * comes first, the API that allows its origin second, the site's files that name the API third.
 */
export class EventsStack extends Stack {
  constructor(scope: Construct, id: string, props: EventsStackProps) {
    const { title, stage, artefacts, firstDeploy, env } = props;
    super(scope, id, {
      ...(env && { env }),
      description: `${title}: web page, HTTP API and table (stage ${stage.name})`,
      // The CLI sets it before CloudFormation has created anything.
      terminationProtection: stage.protectStack && !firstDeploy,
    });
    // For `cargo xtask`, which reads the template.
    this.templateOptions.metadata = {
      ProtectAfterDeploy: stage.protectStack,
      DataAfterDestroy: stage.data === "keep" ? "kept" : "deleted",
    };
    if (artefacts.missing.length > 0) refuseDeployment(this, artefacts.missing);

    const table = new EventsTable(this, "Table", { stage, firstDeploy });
    const members = makesUserPool(stage)
      ? new Members(this, "Members", { stage, firstDeploy })
      : undefined;
    const provider = members ?? (stage.signIn && namedProvider(stage.access, stage.signIn));
    const site = new Site(this, "Site", {
      stage,
      files: artefacts.site,
      signInOrigins: provider?.origins ?? [],
    });
    const signIn = provider?.client(site.origin);
    const api = new EventsApi(this, "Api", {
      stage,
      table,
      code: artefacts.functions,
      allowedOrigins: allowedOrigins(site.origin, stage.extraOrigins),
      pageOrigin: site.origin,
      signIn,
    });
    const release = site.publish({
      apiUrl: api.origin,
      ...(signIn && { signIn: pageSettings(stage.access, signIn) }),
      ...(stage.timeZone !== undefined && { timeZone: stage.timeZone }),
    });
    // A page may rely on the API of its own release.
    for (const upload of release) upload.node.addDependency(api);
    new Monitoring(this, "Monitoring", { stage, table, api, site });

    new CfnOutput(this, "ApiUrl", { value: api.origin });
    new CfnOutput(this, "SiteUrl", { value: site.origin });
    new CfnOutput(this, "TableName", { value: table.table.tableName });
    if (members) new CfnOutput(this, "UserPoolId", { value: members.userPool.userPoolId });
  }
}
