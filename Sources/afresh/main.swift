// One call and no more: code at the top level belongs to the main actor, and a closure made there traps on another thread.
Afresh.start()
