/// How the pages look.
enum StyleSheet {
    static let text = """
        :root { color-scheme: light dark; --line: #8884; --bad: #c22; }
        body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1200px; padding: 0 1rem 3rem; }
        header { padding: 1rem 0; border-bottom: 1px solid var(--line); }
        h1 { font-size: 1.4rem; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
        td { overflow-wrap: anywhere; max-width: 28rem; white-space: pre-wrap; }
        code, pre { font: 13px/1.5 ui-monospace, monospace; }
        pre { padding: .75rem; border: 1px solid var(--line); overflow-x: auto; }
        tr.bad td:nth-child(3) { color: var(--bad); font-weight: 600; }

        """
}
