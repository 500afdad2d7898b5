import { AaaaRecord, ARecord, HostedZone, type RecordTarget } from "aws-cdk-lib/aws-route53";
import { Construct } from "constructs";
import type { Zone } from "./stages/domains.ts";

export interface AddressRecordsProps {
  readonly zone: Zone;
  readonly host: string;
  readonly target: RecordTarget;
}

/** The A and AAAA records of a host. */
export class AddressRecords extends Construct {
  constructor(scope: Construct, id: string, { zone, host, target }: AddressRecordsProps) {
    super(scope, id);
    const hosted = HostedZone.fromHostedZoneAttributes(this, "Zone", {
      hostedZoneId: zone.id,
      zoneName: zone.name,
    });
    // The dot marks a full name: CDK puts a name without it below the zone, the zone's own too.
    const record = { zone: hosted, recordName: `${host}.`, target };
    new ARecord(this, "IPv4", record);
    new AaaaRecord(this, "IPv6", record);
  }
}
