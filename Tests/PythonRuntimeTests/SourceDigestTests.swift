import PythonRuntime
import Testing

/// Against what `importlib.util.source_hash` of real interpreters gave.
@Suite struct SourceDigestTests {
    @Test(arguments: [
        ("a70d0d0a", "738d9cd5d5e87f73", "4c0372aa93f75252", "a705b39c25edd8a5", "1daf10aba04017be"),  // CPython 3.11.7
        ("cb0d0d0a", "baf18eedc9387a25", "1522561917f5df08", "8a99407cdd8ad4fc", "b1f5318e89daea67"),  // CPython 3.12.1
        ("f30d0d0a", "27ec6d312f93b814", "e786e2893651120e", "688580b078b36f08", "58e329a361564cd3")  // CPython 3.13.0
    ])
    func theDigestIsTheInterpreters(magic: String, empty: String, line: String, word: String, long: String) {
        #expect(SourceDigest.of([], magic: magic) == empty)
        #expect(SourceDigest.of(Array("x = 1\n".utf8), magic: magic) == line)
        #expect(SourceDigest.of(Array("abcdefgh".utf8), magic: magic) == word)
        #expect(SourceDigest.of((0...255).map { UInt8($0) }, magic: magic) == long)
    }

    @Test(arguments: ["", "zz0d0d0a", "a70d0d0a0", "+70d0d0a"])
    func aMagicNumberThatIsNoneGivesNoDigest(magic: String) {
        #expect(SourceDigest.of([], magic: magic) == nil)
    }
}
