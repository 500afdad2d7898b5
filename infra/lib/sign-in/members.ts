import {
  AccountRecovery,
  CfnManagedLoginBranding,
  ClientAttributes,
  FeaturePlan,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  UserPoolClientIdentityProvider,
  type UserPoolDomain,
  type UserPoolResourceServer,
} from "aws-cdk-lib/aws-cognito";
import { Aws, Duration, Fn, Stack, Validations } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { guardedScopes, scopes } from "../access.ts";
import { removalPolicy } from "../removal-policy.ts";
import type { SignInClient, SignInProvider } from "../sign-in.ts";
import type { Stage } from "../stages.ts";

export interface MembersProps {
  readonly stage: Stage;
  /** Whether the stack does not exist yet: see `Settings`. */
  readonly firstDeploy: boolean;
}

/** A Cognito user pool of the stage's members, and Cognito's own pages to sign in. */
export class Members extends Construct implements SignInProvider {
  readonly origins: readonly string[];
  readonly userPool: UserPool;
  private readonly stage: Stage;
  private readonly issuerOrigin: string;
  private readonly domain: UserPoolDomain;
  private readonly api: UserPoolResourceServer;

  constructor(scope: Construct, id: string, { stage, firstDeploy }: MembersProps) {
    super(scope, id);
    this.stage = stage;
    const keep = stage.data === "keep";

    this.userPool = new UserPool(this, "Pool", {
      // The least that has managed login.
      featurePlan: FeaturePlan.ESSENTIALS,
      selfSignUpEnabled: stage.signUp === "open",
      signInAliases: { email: true },
      signInCaseSensitive: false,
      standardAttributes: { email: { required: true, mutable: true } },
      autoVerify: { email: true },
      // A changed address signs in once it is verified.
      keepOriginal: { email: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
      },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      deletionProtection: keep && !firstDeploy,
      removalPolicy: removalPolicy(keep, firstDeploy),
    });
    Validations.of(this.userPool).acknowledge(
      {
        id: "AwsSolutions-COG2",
        reason: "Each member may add an authenticator app. Nobody is made to have one.",
      },
      {
        id: "AwsSolutions-COG8",
        reason:
          "The plan Plus costs more for each member, and watches for stolen passwords. A member " +
          "can change events, and nothing else.",
      },
    );
    this.domain = this.userPool.addDomain("Domain", {
      cognitoDomain: { domainPrefix: domainPrefix(this) },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    const [identifier = ""] = scopes.map((scope) => scope.split("/")[0]);
    this.api = this.userPool.addResourceServer("Api", {
      identifier,
      userPoolResourceServerName: "API",
      scopes: scopes.map((scope) => {
        const scopeName = scope.slice(identifier.length + 1);
        return new ResourceServerScope({ scopeName, scopeDescription: scopeName });
      }),
    });
    // "Verifying JSON web tokens" of Cognito's guide says how it names a pool as issuer.
    const { region, urlSuffix } = Stack.of(this);
    this.issuerOrigin = `https://cognito-idp.${region}.${urlSuffix}`;
    this.origins = [this.issuerOrigin, this.domain.baseUrl()];
  }

  client(webOrigin: string): SignInClient {
    const scopes = ["openid", "email", ...guardedScopes(this.stage.access)];
    const client = this.userPool.addClient("Page", {
      generateSecret: false,
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: scopes.map(OAuthScope.custom),
        // Of the page's own origin alone: a code would be good for any other page named here.
        callbackUrls: [`${webOrigin}/signed-in`],
        logoutUrls: [`${webOrigin}/`],
      },
      // Only Cognito's pages ask for passwords. This flow needs triggers, which the pool lacks:
      // without any flow Cognito would allow its default ones, passwords among them.
      authFlows: { custom: true },
      supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
      preventUserExistenceErrors: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(30),
      enableTokenRevocation: true,
      // A page that lost the answer may send the old token once more.
      refreshTokenRotationGracePeriod: Duration.seconds(60),
      readAttributes: new ClientAttributes().withStandardAttributes({
        email: true,
        emailVerified: true,
      }),
      writeAttributes: new ClientAttributes().withStandardAttributes({ email: true }),
    });
    client.node.addDependency(this.api);
    // Without a style, managed login shows an error in place of its pages.
    new CfnManagedLoginBranding(this, "Style", {
      userPoolId: this.userPool.userPoolId,
      clientId: client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
    return {
      issuer: `${this.issuerOrigin}/${this.userPool.userPoolId}`,
      clientId: client.userPoolClientId,
      audience: client.userPoolClientId,
      scopes,
      cognitoLogoutUrl: `${this.domain.baseUrl()}/logout`,
    };
  }
}

/**
 * Unique among all accounts of a region, so it ends with a part of the stack's id. Cognito refuses
 * names with the words below.
 */
function domainPrefix(scope: Construct): string {
  const name = Stack.of(scope).stackName.toLowerCase();
  const allowed = /aws|amazon|cognito/.test(name) ? "members" : name;
  const uuid = Fn.select(2, Fn.split("/", Aws.STACK_ID));
  return `${allowed}-${Fn.select(0, Fn.split("-", uuid))}`;
}
