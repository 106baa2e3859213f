// The first file of PythonRuntime.
