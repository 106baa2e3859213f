import Platform
import TestSupport
import Testing

@testable import PythonRuntime

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct LiveLaunchTests {
    private func codes(_ command: String) -> [String] {
        LiveLaunch.notices(for: command.split(separator: " ").map(String.init)).map(\.code)
    }

    @Test(arguments: [
        "python -I app.py", "python3 -E app.py", "/usr/bin/python3.11 -S app.py", "python -IB app.py",
        "python -X dev -I app.py",
        "python -W error -sE -m pkg", "env A=1 python -I app.py"
    ])
    func commandsThatCannotBeLiveAreToldApart(command: String) {
        #expect(codes(command) == ["not-live"])
    }

    @Test(arguments: [
        "python app.py", "python app.py -I", "python -c pass -I", "python -m pkg -E", "python -X Importtime app.py",
        "python -WI app.py",
        "pythonic -I app.py", "gunicorn app:app", "python -", "python", "python -P -B -u app.py", "true -I"
    ])
    func otherCommandsAreNot(command: String) {
        #expect(codes(command) == [])
    }

    @Test(arguments: [
        "python -m flask --app x --debug run", "python -m flask run --debug", "python -m uvicorn app:app --reload",
        "python manage.py runserver", "python -m django runserver 0:8000", "python -m fastapi dev main.py"
    ])
    func programsThatRestartThemselvesAreToldApart(command: String) {
        #expect(codes(command) == ["restarts-itself"])
    }

    @Test(arguments: [
        "python -m flask run", "python -m flask run --debug --no-reload", "python -m uvicorn app:app",
        "python manage.py migrate",
        "python manage.py runserver --noreload", "python -m fastapi run main.py", "python uvicorn.py --reload"
    ])
    func theirQuietFormsAreNot(command: String) {
        #expect(codes(command) == [])
    }

    @Test(arguments: [
        ("#!/usr/bin/python3 -I\n", ["not-live"]), ("#!/usr/bin/env -S python3 -E\n", ["not-live"]),
        ("#!/usr/bin/env python3\n", []),
        ("#!/bin/sh\n'''exec' \"/a b/python\" -I \"$0\" \"$@\"\n", ["not-live"]), ("#!/bin/sh -I\n", []), ("", []),
        ("#!\n", [])
    ])
    func scriptsAreJudgedByTheirFirstLine(text: String, expected: [String]) throws {
        try withTemporaryFolder { folder in
            try writeFileAtomically(folder + "/tool", Array(text.utf8), permissions: 0o755)
            #expect(codes(folder + "/tool") == expected)
        }
    }

    @Test func consoleScriptThatRestartsItselfIsToldApart() throws {
        try withTemporaryFolder { folder in
            try writeFileAtomically(folder + "/uvicorn", Array("#!/usr/bin/python3\n".utf8), permissions: 0o755)
            #expect(codes(folder + "/uvicorn app:app --reload") == ["restarts-itself"])
        }
    }

    @Test func ourFolderComesFirstAndOnlyOnce() {
        #expect(LiveLaunch.searchPath("/boot", before: "") == "/boot")
        #expect(LiveLaunch.searchPath("/boot", before: "/a:/b") == "/boot:/a:/b")
        #expect(LiveLaunch.searchPath("/boot", before: "/boot:/a") == "/boot:/a")
    }
}
