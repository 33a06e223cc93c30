# How objects are compiled in folders below this one: with CXX and FLAGS, into OUT. Rules come after the first target of whoever includes this.

# Changes when objects would be compiled otherwise.
$(OUT)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CXX) $(FLAGS)' | cmp -s - $@ || echo '$(CXX) $(FLAGS)' >$@

# With -MD, which unlike -MMD tells of headers in folders of -isystem: QuickJS's, and what musl lacks.
$(OUT)/%.o: $(NATIVE)/%.cc $(OUT)/flags
	@mkdir -p $(@D)
	$(CXX) $(FLAGS) -MD -MP -c $< -o $@

.PHONY: FORCE
