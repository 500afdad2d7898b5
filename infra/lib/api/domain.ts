import { DomainName, IpAddressType } from "aws-cdk-lib/aws-apigatewayv2";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import { RecordTarget } from "aws-cdk-lib/aws-route53";
import { ApiGatewayv2DomainProperties } from "aws-cdk-lib/aws-route53-targets";
import { Construct } from "constructs";
import { AddressRecords } from "../address-records.ts";
import type { CustomDomain } from "../stages/domains.ts";

/** The custom domain of the API, with its address records. */
export class ApiDomain extends Construct {
  readonly domainName: DomainName;

  constructor(scope: Construct, id: string, { host, certificate, zone }: CustomDomain) {
    super(scope, id);
    this.domainName = new DomainName(this, "Name", {
      domainName: host,
      certificate: Certificate.fromCertificateArn(this, "Certificate", certificate),
      ipAddressType: IpAddressType.DUAL_STACK,
    });
    const target = new ApiGatewayv2DomainProperties(
      this.domainName.regionalDomainName,
      this.domainName.regionalHostedZoneId,
    );
    new AddressRecords(this, "Records", { zone, host, target: RecordTarget.fromAlias(target) });
  }
}
