import JSONRPC
import Testing

@testable import ReloadEngine

private func edited(
    _ name: String, changed: [String]? = ["X"], imports: [String] = [], fallback: String? = nil
) -> Planner.Edited {
    Planner.Edited(
        module: ModuleInformation(name: name, path: "/\(name).py", digest: "old-\(name)"),
        checked: CheckedModule(
            name: name, digest: "new-\(name)", changed: changed, imports: imports, fallback: fallback,
            payload: .string("edit \(name)")),
        isToBeApplied: true, because: .edited)
}

private func dependent(_ name: String, isMain: Bool = false) -> ModuleInformation {
    ModuleInformation(name: name, path: "/\(name).py", isMain: isMain, digest: "old-\(name)")
}

private func affected(_ name: String, _ isAffected: Bool = true, isWhole: Bool = false) -> AffectedModule {
    AffectedModule(
        name: name, isAffected: isAffected, cause: "a", names: ["X"],
        payload: isAffected ? .string("follow \(name)") : nil,
        isWhole: isWhole)
}

extension Plan {
    fileprivate var payloads: [String] { steps.compactMap { $0.payload.stringValue } }
}

@Suite struct PlannerTests {
    @Test func affectedDependentsFollowTheEditInOrder() {
        let planner = Planner(
            policy: .patch, edited: [edited("a")], dependents: [dependent("c"), dependent("b")],
            edges: [ModuleEdge(from: "b", to: "a"), ModuleEdge(from: "c", to: "b")])
        #expect(planner.candidates.map(\.module.name) == ["b", "c"])
        #expect(planner.plan(affected: [affected("b"), affected("c")]).payloads == ["edit a", "follow b", "follow c"])
    }

    @Test func stepsOfWhichPlansSayAllAreSaidByTheirNumbers() {
        let names = ["b", "c", "d", "e"]
        let planner = Planner(
            policy: .patch, edited: [edited("a")], dependents: names.map { dependent($0) },
            edges: names.map { ModuleEdge(from: $0, to: "a") })
        let answers = names.enumerated().map { number, name in
            let change = Change(symbol: "Y\(number)", kind: .value, change: .modified, applied: true)
            return AffectedModule(
                name: name, isAffected: true, cause: "a", payload: ["plan": .int(number)],
                planned: name == "d" ? nil : [change])
        }
        var plan = planner.plan(affected: answers)
        plan.shared = ["name": "p", "data": "…"]
        func request(_ known: String?) -> JSONValue {
            HostProtocol.apply(
                sequence: 1, policy: .patch, expires: 0, saved: [], plan: plan, sharedName: known, graph: nil)
        }
        let steps = request(nil)["steps"]?.arrayValue?.map { $0["plans"] ?? $0["module"] }
        #expect(steps == ["a", [0, 1], "d", [3, 3]])
        #expect(request(nil)["plans"] == plan.shared)
        #expect(request("o")["plans"] == plan.shared)
        #expect(request("p")["plans"] == ["name": "p"])

        let applied = Applied(
            ["modules": [["plans": [0, 1], "generation": 4], ["module": "d"], ["plans": [3, 3], "generation": 5]]],
            of: plan)
        #expect(applied.modules.map(\.name) == names)
        #expect(applied.modules.map(\.generation) == [4, 4, 0, 5])
        #expect(applied.modules.map { $0.changes.map(\.symbol) } == [["Y0"], ["Y1"], [], ["Y3"]])
    }

    @Test func unaffectedDependentsAreLeftOut() {
        let planner = Planner(
            policy: .patch, edited: [edited("a")], dependents: [dependent("b")], edges: [ModuleEdge(from: "b", to: "a")]
        )
        let plan = planner.plan(affected: [affected("b", false)])
        #expect(plan.payloads == ["edit a"])
        #expect(plan.modules.map(\.module.name) == ["a"])
    }

    @Test func cycleIsExecutedUntilItIsConsistentAndReportedOnce() {
        let planner = Planner(
            policy: .exact, edited: [edited("a")], dependents: [dependent("b")],
            edges: [ModuleEdge(from: "a", to: "b", names: ["Y"]), ModuleEdge(from: "b", to: "a", names: ["X"])])
        #expect(planner.candidates.map(\.module.name) == ["b", "a"])
        let plan = planner.plan(affected: [affected("b", isWhole: true), affected("a", isWhole: true)])
        #expect(plan.payloads == ["edit a", "follow b", "edit a"])
        #expect(plan.modules.map(\.module.name) == ["a", "b"])
        #expect(plan.steps.map(\.digest) == ["old-a", "old-b", nil])
    }

    @Test func cycleIsNotExecutedAgainWhenNothingInItFollowed() {
        let planner = Planner(
            policy: .exact, edited: [edited("a")], dependents: [dependent("b")],
            edges: [ModuleEdge(from: "a", to: "b"), ModuleEdge(from: "b", to: "a")])
        #expect(planner.plan(affected: [affected("b", false), affected("a")]).payloads == ["edit a"])
    }

    @Test(arguments: [Policy.exact, .patch])
    func moduleOfACycleFollowsOnlyOnce(policy: Policy) {
        let planner = Planner(
            policy: policy, edited: [edited("b")], dependents: [dependent("a")],
            edges: [ModuleEdge(from: "a", to: "b"), ModuleEdge(from: "b", to: "a")])
        let answers = planner.candidates.map { affected($0.module.name, $0.module.name == "a") }
        #expect(planner.plan(affected: answers).payloads == ["edit b", "follow a"])
    }

    @Test func patchedModuleMayFollowAnotherEditedOne() {
        let edges = [ModuleEdge(from: "b", to: "a", names: ["X"])]
        let planner = Planner(policy: .patch, edited: [edited("a"), edited("b")], dependents: [], edges: edges)
        #expect(planner.candidates.map(\.module.running) == [.digest("new-b")])
        #expect(planner.plan(affected: [affected("b")]).payloads == ["edit a", "edit b", "follow b"])
    }

    /// `a` sets a name of `b`, which `d` reads: `a` imports it below that. `c` reads what `d` makes of it, `e` nothing.
    @Test func readersOfWhatAnEditSetsFollowItThoughItImportsThem() {
        let edges = [
            ModuleEdge(from: "a", to: "b"), ModuleEdge(from: "a", to: "c"), ModuleEdge(from: "c", to: "d"),
            ModuleEdge(from: "d", to: "b"), ModuleEdge(from: "a", to: "e"),
        ]
        let planner = Planner(
            policy: .patch, edited: [edited("a")], dependents: ["b", "c", "d", "e"].map { dependent($0) }, edges: edges,
            written: ["b"])
        let places = planner.candidates.map(\.module.name)
        #expect(places == ["b", "d", "c", "e", "a", "d", "c", "a"])
        let answers = places.map { affected($0, $0 == "d" || $0 == "c") }
        let follow = ["follow d", "follow c"]
        #expect(planner.plan(affected: answers).payloads == follow + ["edit a"] + follow)
    }

    @Test func readersOfWhatADependentSetsFollowIt() {
        let edges = [ModuleEdge(from: "w", to: "a"), ModuleEdge(from: "w", to: "d"), ModuleEdge(from: "d", to: "b")]
        let planner = Planner(
            policy: .patch, edited: [edited("a")], dependents: ["w", "b", "d"].map { dependent($0) }, edges: edges,
            written: ["b"], writers: ["w"])
        #expect(planner.candidates.map(\.module.name) == ["b", "d", "w", "d", "w"])
    }

    @Test(arguments: [Policy.exact, .patch])
    func moduleThatIsExecutedAsAWholeNeedsNoSecondStep(policy: Policy) {
        let edges = [ModuleEdge(from: "b", to: "a", names: ["X"])]
        let planner = Planner(
            policy: policy, edited: [edited("a"), edited("b", fallback: "its bases changed")], dependents: [],
            edges: edges)
        #expect(planner.candidates.isEmpty)
    }

    @Test func scriptIsNeverExecutedAgain() {
        let planner = Planner(
            policy: .patch, edited: [edited("a")], dependents: [dependent("__main__", isMain: true)],
            edges: [ModuleEdge(from: "__main__", to: "a")])
        #expect(planner.plan(affected: [affected("__main__", isWhole: true)]).payloads == ["edit a"])
        #expect(planner.plan(affected: [affected("__main__")]).payloads == ["edit a", "follow __main__"])
    }

    @Test func allDependentsAreAskedForAsIfEverythingHadChanged() {
        let planner = Planner(policy: .patch, edited: [edited("a")], dependents: [], edges: [])
        #expect(planner.changed(everything: false) == ["a": ["X"]])
        #expect(planner.changed(everything: true) == ["a": nil])
    }

    @Test func runtimeOrdersEditedModulesThatImportEachOtherOnlyInTheirSavedTexts() {
        let planner = Planner(policy: .exact, edited: [edited("z"), edited("a")], dependents: [], edges: [])
        #expect(planner.plan(affected: []).payloads == ["edit z", "edit a"])
    }

    @Test func moduleThatNewlyImportsADependentComesAfterIt() {
        let planner = Planner(
            policy: .patch, edited: [edited("a"), edited("b", imports: ["s", "s.X", "json"])],
            dependents: [dependent("s")], edges: [ModuleEdge(from: "s", to: "a", names: ["X"])])
        #expect(planner.candidates.map(\.module.name) == ["s", "b"])
        #expect(planner.candidates.last?.imports == [ModuleEdge(from: "b", to: "s")])
        let plan = planner.plan(affected: [affected("s"), affected("b", false)])
        #expect(plan.payloads == ["edit a", "follow s", "edit b"])
    }
}
