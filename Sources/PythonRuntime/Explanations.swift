extension CPython {
    /// The page of Python's own documentation that explains a diagnostic code of the contract; nil where there is none.
    public static func explanation(ofCode code: String) -> String? {
        let documentation = "https://docs.python.org/3"
        switch code {
        case "syntax-error": return "\(documentation)/tutorial/errors.html#syntax-errors"
        case "execution-error": return "\(documentation)/tutorial/errors.html#exceptions"
        case "compile-warning": return "\(documentation)/library/exceptions.html#SyntaxWarning"
        case "leftover-name", "not-applied", "runs-again":
            return "\(documentation)/library/importlib.html#importlib.reload"
        // What a reload does not rebind is a list on that page.
        case _ where code.hasPrefix("stale-"): return "\(documentation)/library/importlib.html#importlib.reload"
        default: return nil
        }
    }
}
