import type { Curves } from './report.ts';
/** What stands on the page. */
export interface ReportContent {
    readonly title: string;
    readonly curves: Curves;
    readonly args: string;
    readonly env: string;
    /** uPlot's script and style, inlined so that the file can be opened and sent anywhere. */
    readonly script: string;
    readonly style: string;
}
/** The HTML of a run's report. */
export declare function reportPage({ title, curves, args, env, script, style }: ReportContent): string;
//# sourceMappingURL=page.d.ts.map