import type { Row } from "./board.ts";
import type { Bed } from "./lifetime.ts";
export async function liveOnMachines(_bed: Bed, _row: Row): Promise<void> {}
