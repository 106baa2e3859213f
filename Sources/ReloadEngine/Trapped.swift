import JSONRPC
import Platform

extension EngineThread {
    /// Code of a save has trapped when the program called it, long after it was brought in. The program goes on, where it can with
    /// what it ran before; that is a report of its own.
    func trapped(_ link: HostLink, _ value: JSONValue) {
        guard let host = hosts.first(where: { $0.link === link })?.information,
            let name = value["module"]?.stringValue, var error = value["error"].map(ExecutionError.init)
        else { return }
        error.traceback = error.traceback.map { frame in
            var frame = frame
            frame.path = paths.shown(frame.path)
            return frame
        }
        let isUndone = value["undone"]?.boolValue == true
        var modules = (value["modules"]?.arrayValue ?? []).compactMap { module -> ModuleReport? in
            guard let name = module["module"]?.stringValue, let generation = module["generation"]?.intValue else {
                return nil
            }
            return ModuleReport(
                name: name, path: module["path"]?.stringValue.map(paths.shown), generation: generation,
                outcome: isUndone ? .rolledBack : .failed,
                because: .edited)
        }
        var path = error.traceback.last?.path
        for index in modules.indices where modules[index].name == name {
            path = path ?? modules[index].path
            modules[index].error = error
        }
        var report = HostReport(host, outcome: isUndone ? .rolledBack : .failed)
        report.modules = modules
        var touched: [String] = []
        if let path {
            touched = problems.setRun(
                host: host.id, saved: [path], [RunProblems.executionError(error, in: report, path)])
        }
        sequence += 1
        let goesOn =
            isUndone
            ? "it goes on with what it ran before \(ReloadMessages.list(modules.map(\.name))) \(modules.count == 1 ? "was" : "were") saved"
            : "it goes on, but there is nothing to go back to: mend it and save"
        emit(
            .report(
                Report(
                    sequence: sequence, phase: .applied, outcome: report.outcome,
                    message: "\(host.name) (pid \(host.pid)) called code that traps, \(error.message); \(goesOn).",
                    trigger: Trigger(kind: .save, paths: path.map { [$0] } ?? []), hosts: [report],
                    problems: problems.problems(in: touched), checkedPaths: touched)))
    }
}
