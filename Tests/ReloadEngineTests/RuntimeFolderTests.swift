import Platform
import TestSupport
import Testing

@testable import ReloadEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct RuntimeFolderTests {
    @Test func folderIsMadeForTheUserAlone() throws {
        try withTemporaryFolder { folder in
            let made = try RuntimeFolder(path: folder + "/afresh")
            #expect(fileStatus(made.path)?.permissions == 0o700)
        }
    }

    @Test func symbolicLinkIsRefused() throws {
        try withTemporaryFolder { folder in
            try makeFolder(folder + "/real", permissions: 0o700)
            symlink(folder + "/real", folder + "/afresh")
            #expect(throws: RuntimeFolder.Refusal.self) { try RuntimeFolder(path: folder + "/afresh") }
        }
    }

    @Test(arguments: [0o755, 0o770, 0o701] as [UInt32])
    func folderThatOthersMayEnterIsRefused(permissions: UInt32) throws {
        try withTemporaryFolder { folder in
            try makeFolder(folder + "/afresh", permissions: 0o700)
            chmod(folder + "/afresh", mode_t(permissions))
            #expect(throws: RuntimeFolder.Refusal.self) { try RuntimeFolder(path: folder + "/afresh") }
        }
    }

    @Test func fileInItsPlaceIsRefused() throws {
        try withTemporaryFolder { folder in
            try writeFileAtomically(folder + "/afresh", [])
            #expect(throws: RuntimeFolder.Refusal.self) { try RuntimeFolder(path: folder + "/afresh") }
        }
    }

    @Test(.enabled(if: geteuid() == 0))
    func folderOfAnotherUserIsRefused() throws {
        try withTemporaryFolder { folder in
            try makeFolder(folder + "/afresh", permissions: 0o700)
            chown(folder + "/afresh", 12345, 12345)
            #expect(throws: RuntimeFolder.Refusal.self) { try RuntimeFolder(path: folder + "/afresh") }
        }
    }
}

@Suite struct SourceFileTests {
    @Test func textIsReadAsItIs() throws {
        try withTemporaryFolder { folder in
            try writeFileAtomically(folder + "/m.py", [0, 255, 10])
            #expect(SourceFile(path: folder + "/m.py") == .text([0, 255, 10]))
        }
    }

    @Test func fileThatIsGoneIsMissing() throws {
        try withTemporaryFolder {
            #expect(SourceFile(savedAt: $0 + "/m.py", kind: .save, until: .after(0)) == .missing)
        }
    }

    @Test func folderIsNoFile() throws {
        try withTemporaryFolder { #expect(SourceFile(path: $0) == .unreadable("it is not a file")) }
    }

    @Test(.timeLimit(.minutes(1)))
    func namedPipeHoldsNobodyUp() throws {
        try withTemporaryFolder { folder in
            mkfifo(folder + "/m.py", 0o600)
            #expect(SourceFile(path: folder + "/m.py") == .unreadable("it is not a file"))
        }
    }

    @Test func fileOverTheLimitIsRefused() throws {
        try withTemporaryFolder { folder in
            try writeFileAtomically(folder + "/m.py", [UInt8](repeating: 32, count: 100))
            guard case .unreadable = SourceFile(path: folder + "/m.py", sizeLimit: 99) else {
                Issue.record("it was read")
                return
            }
            #expect(SourceFile(path: folder + "/m.py", sizeLimit: 100) != .missing)
        }
    }
}
