/// How a command is started so that the Pythons in it are live.
public struct LiveLaunch: Sendable {
    /// Something that a person should know before the program starts.
    public struct Notice: Sendable, Equatable {
        /// "not-live": this command's Python cannot be live. "restarts-itself": it restarts on save and loses its state.
        public var code: String
        /// One sentence: why, and what to do instead.
        public var message: String
    }

    /// The environment variables to set for the command, on top of what it inherits.
    public var variables: [String: String]
    public var notices: [Notice]

    /// Lays the agent out on disk and works out the environment. Throws `AgentFolder.Failure` when it cannot be laid out.
    public init(command: [String]) throws {
        variables = [:]
        notices = []
    }
}
