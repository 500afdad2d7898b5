import { RemovalPolicy } from "aws-cdk-lib/core";

/**
 * Of what holds a stage's data. The rollback of a first deployment deletes it: it is empty. A
 * rollback cannot delete what is protected: it would fail, and the stack could not be deleted.
 */
export function removalPolicy(keep: boolean, firstDeploy: boolean): RemovalPolicy {
  if (!keep) return RemovalPolicy.DESTROY;
  return firstDeploy ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.RETAIN;
}
