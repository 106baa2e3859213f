import JSONRPC
import Platform
import ReloadEngine

/// A request that waits for the hosts to say how they stand.
struct PendingSurvey {
    /// Whether their stale references are wanted too.
    var needsStale: Bool
    /// Milliseconds to wait for the hosts.
    var limit: Double
    /// Makes the answer; nil instead of hosts when they have not spoken in time.
    var answer: (_ hosts: [HostSurvey]?, _ session: Session) -> Result<JSONValue, ResponseError>
}

extension Session {
    func ask(_ survey: PendingSurvey, for id: RequestID) {
        startServiceIfNeeded()
        surveys[id] = survey
        schedule(.surveyOverdue(id), after: survey.limit)
        let events = self.events
        service.survey(stale: survey.needsStale) { events.putRegardless(.surveyed(id, $0)) }
    }

    func finishSurvey(_ id: RequestID, _ hosts: [HostSurvey]?) {
        guard let survey = surveys.removeValue(forKey: id) else { return }
        if let hosts { knowledge.take(hosts) }
        client.connection.answer(id, survey.answer(hosts, self))
    }
}
