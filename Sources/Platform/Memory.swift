import LinuxCalls

/// Makes large pieces of memory go back to the system as soon as they are freed: a document of 50 MB does not leave its size
/// behind.
public func giveBackLargeMemory() {
    mapLargeMemory(1 << 20)
}
