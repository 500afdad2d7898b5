import { AaaaRecord, ARecord, HostedZone, type RecordTarget } from "aws-cdk-lib/aws-route53";
import { Construct } from "constructs";
import type { Zone } from "./stages/domains.ts";

export interface AddressRecordsProps {
  readonly zone: Zone;
  readonly host: string;
  readonly target: RecordTarget;
}

/** Makes a host known by IPv4 and IPv6. */
export class AddressRecords extends Construct {
  constructor(scope: Construct, id: string, { zone, host, target }: AddressRecordsProps) {
    super(scope, id);
    const hosted = HostedZone.fromHostedZoneAttributes(this, "Zone", {
      hostedZoneId: zone.id,
      zoneName: zone.name,
    });
    // The dot says that the name is whole: without it a name that equals the zone's would be put below it.
    const record = { zone: hosted, recordName: `${host}.`, target };
    new ARecord(this, "IPv4", record);
    new AaaaRecord(this, "IPv6", record);
  }
}
