import JSONRPC
import Platform
import ReloadEngine

/// A request that waits for the hosts to say how they stand.
struct PendingSurvey {
    /// Whether their stale references are wanted too.
    var needsStale: Bool
    /// Whether it matters who imports whom.
    var needsImports = false
    /// Whether an answer from what the hosts said before will do.
    var takesWhatIsKnown = false
    /// Milliseconds to wait for the hosts.
    var limit: Double
    /// Makes the answer; nil instead of hosts when they have not spoken in time.
    var answer: (_ hosts: [HostSurvey]?, _ session: Session) -> Result<JSONValue, ResponseError>
}

extension Session {
    func ask(_ survey: PendingSurvey, for id: RequestID) {
        startServiceIfNeeded()
        // While a program keeps the engine waiting, what is known must do: questions would queue up before the next save.
        if survey.takesWhatIsKnown, runningSurveys > 0 {
            client.connection.answer(id, survey.answer(nil, self))
            return
        }
        runningSurveys += 1
        surveys[id] = survey
        schedule(.surveyOverdue(id), after: survey.limit)
        let events = self.events
        service.survey(stale: survey.needsStale, imports: survey.needsImports) {
            events.putRegardless(.surveyed(id, $0))
        }
    }

    /// - Parameter hosts: nil when they have not spoken in time.
    func finishSurvey(_ id: RequestID, _ hosts: [HostSurvey]?) {
        if let hosts {
            runningSurveys -= 1
            knowledge.take(hosts)
        }
        guard let survey = surveys.removeValue(forKey: id) else { return }
        client.connection.answer(id, survey.answer(hosts, self))
    }
}
