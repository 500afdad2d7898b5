import { stages } from "../lib/stages.ts";
import { memberTable, table } from "./costs.ts";
import { worstTable } from "./worst.ts";

console.log(`${table()}\n\n${memberTable()}\n\n${worstTable(stages)}`);
