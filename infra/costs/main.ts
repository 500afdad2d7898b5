import { table } from "./costs.ts";

console.log(table());
