import { stages } from "../lib/stages.ts";
import { table } from "./costs.ts";
import { worstTable } from "./worst.ts";

console.log(`${table()}\n\n${worstTable(stages)}`);
