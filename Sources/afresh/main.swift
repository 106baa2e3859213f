print("afresh")
