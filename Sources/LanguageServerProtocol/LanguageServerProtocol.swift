// The first file of LanguageServerProtocol.
