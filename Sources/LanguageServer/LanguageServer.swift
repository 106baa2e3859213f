// The first file of LanguageServer.
